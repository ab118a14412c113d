#!/bin/bash
# One set, as the example in the API's documentation sends it: control file, batch, each data file, schedule. What curl
# fails at ends it. Usage: upload.sh URL KEY-FILE FOLDER
set -euo pipefail
api=$1/api/haplo-data-import-batch
key=$(<"$2")
cd "$3"

post() { curl --silent --show-error --fail --user "haplo:$key" "$@"; }

digest=$(post --form 'comment=nightly export' --form file=@control.json "$api/control")
batch=$(post --data-urlencode 'comment=nightly export' --data "control=$digest" "$api/batch")
for file in data*; do
  post --form "batch=$batch" --form "name=${file%.*}" --form "file=@$file" "$api/file" >/dev/null
done
post --data "batch=$batch" --data mode=import "$api/schedule"
