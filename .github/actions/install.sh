# Install the bot out of the checkout that this file came with; PYTHON names the interpreter.
# Hashes pin what is installed, wheels only, and nothing is built but the bot itself.
set -euo pipefail

bot="$RUNNER_TEMP/bot"
root="$(cd "$GITHUB_ACTION_PATH/../../.." && pwd)"
if [ ! -x "$bot/bin/bot" ]; then
  "$PYTHON" -I -m venv "$bot"
  pip=("$bot/bin/python" -I -m pip install --quiet --disable-pip-version-check --no-deps)
  "${pip[@]}" --require-hashes --only-binary=:all: -r "$root/requirements/run.txt"
  "${pip[@]}" --no-index --no-build-isolation "$root"
fi
echo "bin=$bot/bin" >> "$GITHUB_OUTPUT"
