#!/bin/bash
# keepalived's notify script: starts the programs on the master, stops them on everybody else. keepalived runs one for
# each change of state without waiting for the one before: they take turns here, and each does what the newest wants.
state=/run/lab/local/role
printf '%s\n' "$1" >"$state.$$" && mv "$state.$$" "$state"
exec 9>/run/lab/local/notify.lock
flock 9
case $(cat "$state") in
  MASTER) action=start ;;
  *) action=stop ;;
esac
supervisorctl -c /run/lab/local/supervisord.conf "$action" 'shop:*' 9>&-
