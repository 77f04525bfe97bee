# Runs every test file; the first that fails ends the run.
for file in test/*.test.sh; do
  sh -eu "$file" || { echo "failed: $file"; exit 1; }
  echo "passed: $file"
done
