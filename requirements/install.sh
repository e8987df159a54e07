#!/usr/bin/env bash
# Makes one of the project's two environments from its pins, or does nothing if it is there and current.
#   requirements/install.sh app [test]   .venv       Python 3.11 or later: the app, and with `test` its test tools
#   requirements/install.sh rasa         .venv-rasa  Python 3.10: Rasa Open Source
# A stamp in the environment holds the hash of the pins and of this file's recipe; pip's output goes to a log
# which is named when something fails.
set -euo pipefail
cd "$(dirname "$0")/.."

kind=${1:?say which environment: app or rasa}
extra=${2:-}
case $kind in
  app) venv=.venv wanted="3.11 3.12 3.13" pins=(requirements/app.txt) ;;
  rasa) venv=.venv-rasa wanted="3.10" pins=(requirements/rasa.txt) ;;
  *) echo "unknown environment '$kind': use app or rasa" >&2; exit 2 ;;
esac
[ "$extra" = test ] && pins+=(requirements/test.txt)
[ "$kind" = app ] && project=pyproject.toml || project=

say() { printf '  %s: %s\n' "$venv" "$*"; }
hash_of() { cat "$@" | sha256sum | cut -c1-32; }

# One stamp for each list of pins, so that `make test` only adds to what `make run` installed.
stamp=$venv/.stamp-$kind${extra:+-$extra}
current=$(hash_of "${pins[@]}" ${project:+"$project"} requirements/install.sh)
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$current" ]; then exit 0; fi

find_python() {
  local version path
  for version in $wanted; do
    for path in "python$version" "$HOME/.local/bin/python$version"; do
      if "$path" -c "import sys; sys.exit('%d.%d' % sys.version_info[:2] != '$version')" >/dev/null 2>&1; then
        command -v "$path"; return 0
      fi
    done
    if command -v uv >/dev/null 2>&1 && path=$(uv python find "$version" 2>/dev/null); then echo "$path"; return 0; fi
  done
  version=${wanted%% *}
  if command -v uv >/dev/null 2>&1 && uv python install "$version" >/dev/null 2>&1; then uv python find "$version"; return 0; fi
  return 1
}

base=$(hash_of "${pins[0]}")
if [ ! -x "$venv/bin/python" ] || { [ -f "$venv/.pins" ] && [ "$(cat "$venv/.pins")" != "$base" ]; }; then
  if ! python=$(find_python); then
    echo "Python ${wanted%% *} is missing: install it (pyenv install ${wanted%% *}, apt-get install python${wanted%% *}-venv," \
      "or uv python install ${wanted%% *}) and run the same command again." >&2
    exit 1
  fi
  say "making the environment with $("$python" --version)"
  rm -rf "$venv"
  if ! "$python" -m venv "$venv"; then
    echo "$python cannot make a virtual environment: install its venv module (python${wanted%% *}-venv) and try again." >&2
    exit 1
  fi
fi

mkdir -p var/log
log=var/log/install-$kind.log
say "installing $(cat "${pins[@]}" | grep -c '==') packages; this takes a few minutes once"
: > "$log"
fail() { echo "Installing into $venv failed; the last lines of $log:" >&2; tail -n 12 "$log" >&2; exit 1; }
pip_install() {
  # Every package as pip comes to it, so that a person sees that it goes on.
  "$venv/bin/python" -m pip install --disable-pip-version-check --no-input "$@" 2>&1 | tee -a "$log" |
    awk -v venv="$venv" '/^Collecting/ {n++; if (n % 25 == 0) printf "  %s: %d packages looked at\n", venv, n}
                         /^Installing collected/ {printf "  %s: unpacking\n", venv} {fflush()}'
}
for file in "${pins[@]}"; do pip_install -r "$file" || fail; done
if [ "$kind" = app ]; then
  pip_install --no-deps --no-build-isolation -e . || fail
fi
echo "$base" > "$venv/.pins"
echo "$current" > "$stamp"
say "ready"
