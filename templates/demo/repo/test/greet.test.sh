. src/greet.sh
[ "$(greet Ada)" = 'Good day, Ada.' ]
