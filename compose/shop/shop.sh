#!/bin/sh
# A toy shop that can be broken. One image plays every part: `shop serve PORT`, `shop work`, `shop once`. The other
# commands are for `docker exec`; `npm run demo` uses them. Nothing here is an example of how to write a service.
here=/tmp/shop
mkdir -p "$here/www"

# Not `wget -T 2`: the static busybox of Debian 12 crashes on it.
answers() { timeout 2 wget -q -O /dev/null "http://$1/"; }

case "$1" in
  check) # the health check: shop check HOST:PORT...
    shift
    [ -e "$here/broken" ] && { echo "out of order"; exit 1; }
    for place; do answers "$place" || { echo "no answer from $place"; exit 1; }; done
    echo "fine"; exit 0 ;;
  break) : > "$here/broken"; exit 0 ;;                                             # sick until restarted
  loop) echo 2 > "$here/lock"; exec "$0" crash 1 ;;                                # crashes, and at the next two starts too
  crash) echo "$2" > "$here/crash"; exec kill -USR1 "$(cat "$here/pid")" ;;        # exits with that code at once
  eat) : > "$here/eat"; exec kill -USR1 "$(cat "$here/pid")" ;;                    # eats memory until the limit kills it
  once) echo "migrating …"; sleep 1; echo "migrated"; exit 0 ;;
esac

echo $$ > "$here/pid"
rm -f "$here/broken" "$here/crash" "$here/eat"
if [ -e "$here/lock" ]; then
  left=$(($(cat "$here/lock") - 1))
  if [ "$left" -gt 0 ]; then echo "$left" > "$here/lock"; else rm -f "$here/lock"; fi
  # Three crashes within a minute are what the watchdog calls a restart loop; it comes in before the next start.
  echo "shop: a stale lock is in the way, waiting for it"; sleep 2 & wait $!
  echo "shop: the lock is still there, giving up"; exit 1
fi

on_request() {
  if [ -e "$here/eat" ]; then
    # The shell itself grows, so that the kernel's out-of-memory killer takes the service and not a child of it.
    hoard=0123456789abcdef
    while :; do hoard=$hoard$hoard; done
  fi
  [ -e "$here/crash" ] && { code=$(cat "$here/crash"); echo "shop: exits with $code"; exit "$code"; }
}
trap on_request USR1
trap 'echo "shop: closing"; exit 0' TERM INT

echo "shop: $* opened"
if [ "$1" = serve ]; then
  echo "welcome" > "$here/www/index.html"
  httpd -f -p "$2" -h "$here/www" &
fi
# `wait` lets a signal in at once; a plain sleep would hold it back.
while :; do sleep 3600 & wait $!; kill $! 2>/dev/null; done
