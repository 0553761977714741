#!/usr/bin/env bash
# A throw-away S3 server in memory: Ceph's object gateway over one monitor and one OSD, on loopback,
# without root. It stops, and removes its folder, when its standard input ends: so it ends with the
# process that started it, however that one ends.
#   s3-server.sh FOLDER PORT MONITOR_PORT ACCESS_KEY SECRET_KEY     prints READY
set -u
folder=$1 port=$2 monitor_port=$3 access_key=$4 secret_key=$5
conf=$folder/ceph.conf
export CEPH_CONF=$conf
mkdir -p "$folder"/{mon,osd,run,log}
daemons=()

stop() {
  trap - EXIT TERM INT HUP
  exec >/dev/null 2>&1 # The reader of what bash says of killed daemons may be gone.
  if [ ${#daemons[@]} -gt 0 ]; then kill -KILL "${daemons[@]}" 2>/dev/null; fi
  wait
  rm -rf "$folder"
  exit
}
trap stop EXIT TERM INT HUP

fail() {
  echo "$1" >&2
  tail -n 5 "$folder"/log/*.out >&2
  exit 1
}

# The log files of a daemon are small: only what goes wrong before it is up is of interest.
start() {
  local name=$1
  shift
  "$@" >"$folder/log/$name.out" 2>&1 </dev/null &
  daemons+=($!)
}

running() {
  local daemon
  for daemon in "${daemons[@]}"; do kill -0 "$daemon" 2>/dev/null || return 1; done
}

# A step that asks the daemons waits for one that has ended, as it does where another process was
# quicker to take its port: so it is given up with the daemon, or after 20 seconds.
step() {
  local name=$1 pid until=$((SECONDS + 20))
  shift
  "$@" >"$folder/log/$name.out" 2>&1 </dev/null &
  pid=$!
  while running && ((SECONDS < until)); do
    if ! kill -0 "$pid" 2>/dev/null; then
      wait "$pid"
      return
    fi
    sleep 0.02
  done
  kill -KILL "$pid" 2>/dev/null
  wait "$pid" 2>/dev/null
  return 1
}

fsid=$(cat /proc/sys/kernel/random/uuid)
osd=$(cat /proc/sys/kernel/random/uuid)
cat >"$conf" <<END
[global]
fsid = $fsid
mon host = v2:127.0.0.1:$monitor_port
mon initial members = a
public addr = 127.0.0.1
cluster addr = 127.0.0.1
public network = 127.0.0.0/8
auth cluster required = none
auth service required = none
auth client required = none
ms mon client mode = crc
osd pool default size = 1
osd pool default min size = 1
osd crush chooseleaf type = 0
osd pool default pg num = 8
osd pool default pgp num = 8
osd pool default pg autoscale mode = off
mon allow pool size one = true
mon warn on pool no redundancy = false
mon max pg per osd = 2000
mon data avail warn = 1
mon data avail crit = 1
paxos propose interval = 0.02
paxos min wait = 0.01
mon client hunt interval = 0.2
ms initial backoff = 0.02
ms max backoff = 0.2
objecter tick interval = 0.2
run dir = $folder/run
admin socket = $folder/run/\$name.\$pid.asok
log file = $folder/log/\$name.log
log flush on exit = false
[mon]
ms bind retry count = 1
ms bind retry delay = 0
mon data = $folder/mon
mon cluster log file = $folder/log/cluster.log
[osd]
osd data = $folder/osd
osd objectstore = memstore
memstore device bytes = 8589934592
osd memory target = 939524096
osd class load list = *
osd class default list = *
[client.rgw]
rgw frontends = beast endpoint=127.0.0.1:$port tcp_nodelay=1
rgw data = $folder/rgw
rgw crypt require ssl = false
rgw crypt s3 kms backend = testing
rgw crypt s3 kms encryption keys = test-key=YmluCmJvb3N0CmJvb3N0LWJ1aWxkCmNlcGguY29uZgo=
END

monmaptool --create --fsid "$fsid" --addv a "[v2:127.0.0.1:$monitor_port]" "$folder/monmap" \
  >"$folder/log/monmap.out" 2>&1 || fail 'monmaptool failed'
ceph-mon --mkfs -i a --monmap "$folder/monmap" >"$folder/log/mon-mkfs.out" 2>&1 ||
  fail 'ceph-mon --mkfs failed'
start mon ceph-mon -i a -f
step osd-mkfs ceph-osd -i 0 --mkfs --osd-uuid "$osd" || fail 'ceph-osd --mkfs failed'
step osd-new ceph osd new "$osd" 0 || fail 'ceph osd new failed'
start osd ceph-osd -i 0 -f
# Both wait for the OSD by themselves.
step user radosgw-admin -n client.rgw user create --uid=test --display-name=test \
  --access-key="$access_key" --secret-key="$secret_key" || fail 'radosgw-admin failed'
start rgw radosgw -n client.rgw -f
for ((i = 0; i < 600; i++)); do
  if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
    echo READY
    cat >/dev/null
    exit 0
  fi
  running || fail 'a daemon ended'
  sleep 0.02
done
fail "nothing listens on port $port"
