#!/bin/sh
# Pins every package, transitive ones too, for Python 3.11 to 3.14 on every platform. The tool that can do so for
# all of them at once, uv, is installed beside the project's own environment and is not part of it.
set -eu
tool=var/lock-tool
[ -x "$tool/bin/uv" ] || { .venv/bin/python -m venv "$tool" && "$tool/bin/python" -m pip install -q uv; }
for name in requirements requirements-dev; do
    "$tool/bin/uv" pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-emit-find-links \
        --custom-compile-command "make lock" "$@" "$name.in" -o "$name.txt"
done
