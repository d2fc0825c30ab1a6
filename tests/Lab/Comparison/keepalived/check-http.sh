#!/bin/bash
# keepalived's check: on the master the page's port has to take a connection; elsewhere there is nothing to check.
[ "$(cat /run/lab/local/role 2>/dev/null)" = MASTER ] || exit 0
exec 3<>/dev/tcp/127.0.0.1/8080
