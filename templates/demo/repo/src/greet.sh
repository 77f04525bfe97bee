# greet <name>
greet() {
  printf 'Good day, %s.\n' "$1"
}
