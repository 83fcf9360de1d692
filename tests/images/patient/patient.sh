#!/bin/sh
# A service that falls ill on request. As PID 1 (`patient`) it serves; `patient COMMAND` through `docker exec` makes it
# ill. The commands and the environment are listed in tests/images/README.md.
state=${PATIENT_DIR:-/tmp}

case "${1:-serve}" in
  serve) ;;
  check)
    [ -e "$state/hang" ] && exec sleep 3600
    [ -e "$state/starting" ] && { echo "still starting"; exit 1; }
    [ -e "$state/sick" ] && { echo "the patient is sick"; exit 1; }
    if [ -n "$PATIENT_PORT" ]; then
      # Not `wget -T 2`: the static busybox of Debian 12 crashes on it.
      timeout 2 wget -q -O /dev/null "http://127.0.0.1:$PATIENT_PORT/" || { echo "no answer on port $PATIENT_PORT"; exit 1; }
    fi
    echo "the patient is well"; exit 0 ;;
  sick) : > "$state/sick"; exit 0 ;;
  well) rm -f "$state/sick" "$state/hang"; exit 0 ;;
  hang) : > "$state/hang"; exit 0 ;;
  exit) echo "${2:-0}" > "$state/exit"; exec kill -USR1 "$(cat "$state/patient.pid")" ;;
  eat) : > "$state/eat"; exec kill -USR1 "$(cat "$state/patient.pid")" ;;
  freeze) exec kill -STOP "$(cat "$state/httpd.pid")" ;;
  thaw) exec kill -CONT "$(cat "$state/httpd.pid")" ;;
  say) echo "$2" > /proc/"$(cat "$state/patient.pid")"/fd/1; exit 0 ;;
  *) echo "patient: unknown command '$1'; see tests/images/README.md" >&2; exit 64 ;;
esac

echo $$ > "$state/patient.pid"
rm -f "$state/exit" "$state/eat" "$state/hang"
[ -n "$PATIENT_STAYS_SICK" ] || rm -f "$state/sick"
[ -n "$PATIENT_ALWAYS_SICK" ] && : > "$state/sick"
starts=$(($(cat "$state/starts" 2>/dev/null || echo 0) + 1))
echo "$starts" > "$state/starts"
[ -n "$PATIENT_SICK_STARTS" ] && [ "$starts" -le "$PATIENT_SICK_STARTS" ] && : > "$state/sick"

on_request() {
  if [ -e "$state/eat" ]; then
    # The shell itself grows, so that it is PID 1 that the kernel's out-of-memory killer takes.
    hoard=0123456789abcdef
    while :; do hoard=$hoard$hoard; done
  fi
  [ -e "$state/exit" ] && { code=$(cat "$state/exit"); echo "patient: exits with $code, as asked"; exit "$code"; }
}
on_stop() {
  echo "patient: asked to stop"
  [ -n "$PATIENT_STOP_DELAY" ] && sleep "$PATIENT_STOP_DELAY"
  exit 0
}
trap on_request USR1
if [ -n "$PATIENT_IGNORES_TERM" ]; then trap '' TERM; else trap on_stop TERM INT; fi

echo "patient: started (time $starts)"
if [ -n "$PATIENT_START_DELAY" ]; then
  : > "$state/starting"; sleep "$PATIENT_START_DELAY" & wait $!; rm -f "$state/starting"
fi
if [ -n "$PATIENT_PORT" ]; then
  mkdir -p "$state/www"; echo well > "$state/www/index.html"
  httpd -f -p "$PATIENT_PORT" -h "$state/www" & echo $! > "$state/httpd.pid"
fi
if [ -n "$PATIENT_EXIT_AFTER" ]; then
  sleep "$PATIENT_EXIT_AFTER" & wait $!
  on_request
  echo "patient: exits with ${PATIENT_EXIT_CODE:-0}"; exit "${PATIENT_EXIT_CODE:-0}"
fi
# `wait` lets a signal in at once; a plain sleep would hold it back until the sleep is over.
while :; do sleep 3600 & wait $!; kill $! 2>/dev/null; done
