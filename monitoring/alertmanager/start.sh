#!/bin/sh
# Starts Alertmanager with the receivers whose keys are set, as alertmanager.yml beside this file explains.
#
# Keys, each as a value or, with _FILE, as a file: WATCHDOG_TOKEN, SLACK_WEBHOOK_URL, PAGERDUTY_ROUTING_KEY,
# ALERTMANAGER_HEARTBEAT_URL. Beside them WATCHDOG_PAGERDUTY_URL. An empty variable and an empty file count as not set.
# Keys never stand in the configuration itself, which everybody may read on Alertmanager's own page.
set -eu
umask 077
here=$(cd "$(dirname "$0")" && pwd)
# The only place that is written to; a tmpfs where the root file system is read-only.
run=${ALERTMANAGER_RUN:-/tmp/alertmanager}
mkdir -p "$run"

refuse() {
  echo "monitoring/alertmanager/start.sh: $1" >&2
  exit 1
}

# key NAME AS: makes the key of that name readable as $run/AS. False where it is not set.
key() {
  eval "value=\${$1:-} file=\${${1}_FILE:-}"
  rm -f "$run/$2"
  if [ -n "$value" ]; then
    printf '%s' "$value" >"$run/$2"
  elif [ -n "$file" ]; then
    [ -r "$file" ] || refuse "$1_FILE: there is no file $file that can be read; mount it, or leave the variable empty"
    [ -s "$file" ] || return 1
    # A link, so that a key that is exchanged holds without a restart.
    ln -s "$file" "$run/$2"
  else
    return 1
  fi
}

active=""
if [ -z "${WATCHDOG_TOKEN:-}" ] && [ -n "${WATCHDOG_TOKEN_FILE:-}" ]; then
  # Alertmanager reads it anew for each call, so it may come later: people must hear of trouble while the watchdog, which writes
  # the file at its start, is down.
  ln -sf "$WATCHDOG_TOKEN_FILE" "$run/watchdog-token"
  [ -s "$WATCHDOG_TOKEN_FILE" ] ||
    echo "WATCHDOG_TOKEN_FILE: $WATCHDOG_TOKEN_FILE cannot be read yet; until it can, the watchdog takes no alerts" >&2
else
  key WATCHDOG_TOKEN watchdog-token ||
    refuse "WATCHDOG_TOKEN and WATCHDOG_TOKEN_FILE: neither is set; the watchdog takes no alerts without its token"
fi
if key SLACK_WEBHOOK_URL slack-webhook-url; then active="$active slack"; fi
if key PAGERDUTY_ROUTING_KEY pagerduty-routing-key; then active="$active pagerduty"; fi
if key ALERTMANAGER_HEARTBEAT_URL heartbeat-url; then active="$active heartbeat"; fi

pagerduty=${WATCHDOG_PAGERDUTY_URL:-https://events.pagerduty.com/v2/enqueue}
case $pagerduty in
  *[!A-Za-z0-9:/._-]*) refuse "WATCHDOG_PAGERDUTY_URL: only letters, digits and : / . _ - may stand in it" ;;
  http://* | https://*) ;;
  *) refuse "WATCHDOG_PAGERDUTY_URL: found '$pagerduty', expected an address that begins with http:// or https://" ;;
esac

template=$here/alertmanager.yml
if [ -f "$here/user/alertmanager.yml" ]; then template=$here/user/alertmanager.yml; fi
set -- --config.file="$run/alertmanager.yml" "$@"
script="s|@RUN@|$run|g; s|@PAGERDUTY_URL@|$pagerduty|g"
for name in $active; do script="$script; s/^ *#$name#//"; done
sed "$script" "$template" >"$run/alertmanager.yml"

echo "people are told through:${active:- nothing, because no key is set}"
exec alertmanager "$@"
