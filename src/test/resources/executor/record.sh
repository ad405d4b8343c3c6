#!/usr/bin/env bash
# Records what a real API server shows of stage Jobs that end in different ways, one folder per case with job.json,
# pod.json and events.json. Usage: KUBECTL='cluster kubectl' ./record.sh [case...], in this folder, on a cluster that
# one may spoil and whose node has the image busybox:1.35.
set -euo pipefail
kubectl=${KUBECTL:-kubectl}
ns=recording

k() { $kubectl -n $ns "$@"; }
dump() { # dump CASE JOB: what there is now
  mkdir -p "$1"
  k get job "$2" -o json >"$1/job.raw"
  k get pods -l job-name="$2" -o json >"$1/pods.raw"
  k get events -o json >"$1/events.raw"
  python3 - "$1" "$2" <<'PY'
import json, os, sys
case, job = sys.argv[1:]
def plain(o):
    o["metadata"].pop("managedFields", None)
    return o
def write(name, value):
    with open(f"{case}/{name}.json", "w") as f:
        json.dump(value, f, indent=1, sort_keys=True)
        f.write("\n")
load = lambda name: json.load(open(f"{case}/{name}.raw"))
pods = sorted((plain(p) for p in load("pods")["items"]), key=lambda p: p["metadata"]["creationTimestamp"])
job = plain(load("job"))
write("job", job)
write("pods", pods)
about = pods[0]["metadata"]["uid"] if pods else job["metadata"]["uid"]
write("events", [plain(e) for e in load("events")["items"] if e["involvedObject"].get("uid") == about])
for name in ("job", "pods", "events"):
    os.remove(f"{case}/{name}.raw")
PY
  echo "recorded $1"
}
job() { # job NAME SCRIPT [POD-FIELDS] [CONTAINER-FIELDS] [JOB-FIELDS] [IMAGE]
  k create -f - >/dev/null <<YAML
apiVersion: batch/v1
kind: Job
metadata: {name: $1}
spec:
  backoffLimit: 0
  ${5:-}
  template:
    spec:
      restartPolicy: Never
      terminationGracePeriodSeconds: 60
      ${3:-}
      containers:
      - name: stage
        image: ${6:-busybox:1.35}
        terminationMessagePolicy: FallbackToLogsOnError
        command: [sh, -c, "$2"]
        ${4:-}
YAML
}
until_pod() { # until_pod JOB JSONPATH VALUE
  for _ in $(seq 600); do
    [[ "$(k get pods -l job-name="$1" -o jsonpath="{.items[*]$2}" 2>/dev/null)" == *"$3"* ]] && return
    sleep 0.1
  done
  echo "$1: no $2=$3" >&2
  exit 1
}
until_job() { # until_job JOB CONDITION
  for _ in $(seq 600); do
    [ "$(k get job "$1" -o jsonpath="{.status.conditions[?(@.type=='$2')].status}")" = True ] && return
    sleep 0.1
  done
  echo "$1: not within the time" >&2
  exit 1
}
until_event() { # until_event REASON
  for _ in $(seq 600); do
    [ -n "$(k get events --field-selector reason="$1" -o name)" ] && return
    sleep 0.1
  done
  echo "$1: not within the time" >&2
  exit 1
}
waiting='.status.containerStatuses[0].state.waiting.reason'

case_succeeded() { job succeeded 'echo fine'; until_job succeeded Complete; dump succeeded succeeded; }
case_exit-2() { job exit-2 'echo changes; exit 2'; until_job exit-2 Failed; dump exit-2 exit-2; }
case_exit-3() { job exit-3 'echo bad; exit 3'; until_job exit-3 Failed; dump exit-3 exit-3; }
case_exit-127() { job exit-127 'no-such-command'; until_job exit-127 Failed; dump exit-127 exit-127; }
case_killed-from-inside() { job killed-from-inside 'sleep 100 & kill -9 $!; wait $!; exit $?'; until_job killed-from-inside Failed; dump killed-from-inside killed-from-inside; }
case_oom-killed() { job oom-killed 'exec tail /dev/zero' '' 'resources: {limits: {memory: 16Mi}}'; until_job oom-killed Failed; dump oom-killed oom-killed; }
case_running() { job running 'sleep 600'; until_pod running .status.phase Running; dump running running; k delete job running >/dev/null; }
case_image-pull() {
  job image-pull true '' '' '' registry.invalid/does-not-exist:1
  until_pod image-pull "$waiting" ErrImagePull; dump image-pull image-pull
  until_pod image-pull "$waiting" ImagePullBackOff; dump image-pull-backoff image-pull
  k delete job image-pull >/dev/null
}
case_image-name() { job image-name true '' '' '' 'Not/A/Name'; until_pod image-name "$waiting" InvalidImageName; dump image-name image-name; k delete job image-name >/dev/null; }
case_image-never() { job image-never true '' 'imagePullPolicy: Never' '' not-there:1; until_pod image-never "$waiting" ErrImageNeverPull; dump image-never image-never; k delete job image-never >/dev/null; }
case_unschedulable() { job unschedulable true '' 'resources: {requests: {memory: 900Ti}}'; until_pod unschedulable '.status.conditions[0].reason' Unschedulable; dump unschedulable unschedulable; k delete job unschedulable >/dev/null; }
case_quota() {
  k create quota none --hard=pods=0 >/dev/null; sleep 2
  job quota true; until_event FailedCreate; dump quota quota
  k delete quota none >/dev/null; k delete job quota >/dev/null; k delete events --all >/dev/null
}
case_quota-unsaid() {
  k create quota unsaid --hard=limits.memory=1Gi >/dev/null; sleep 2
  job quota-unsaid true; until_event FailedCreate; dump quota-unsaid quota-unsaid
  k delete quota unsaid >/dev/null; k delete job quota-unsaid >/dev/null; k delete events --all >/dev/null
}
case_service-account() { job service-account true 'serviceAccountName: nobody'; until_event FailedCreate; dump service-account service-account; k delete job service-account >/dev/null; k delete events --all >/dev/null; }
case_missing-secret() { job missing-secret true '' 'envFrom: [{secretRef: {name: not-there}}]'; until_pod missing-secret "$waiting" CreateContainerConfigError; dump missing-secret missing-secret; k delete job missing-secret >/dev/null; }
case_missing-volume() { job missing-volume true 'volumes: [{name: v, configMap: {name: not-there}}]' 'volumeMounts: [{name: v, mountPath: /v}]'; until_event FailedMount; dump missing-volume missing-volume; k delete job missing-volume >/dev/null; }
case_start-error() {
  k create -f - >/dev/null <<'YAML'
apiVersion: batch/v1
kind: Job
metadata: {name: start-error}
spec:
  backoffLimit: 0
  template: {spec: {restartPolicy: Never, containers: [{name: stage, image: "busybox:1.35", command: [/no/such/program]}]}}
YAML
  until_job start-error Failed; dump start-error start-error; }
case_argument-too-long() {
  python3 -c "
import json
print(json.dumps({'apiVersion':'batch/v1','kind':'Job','metadata':{'name':'argument-too-long'},'spec':{'backoffLimit':0,'template':{'spec':{'restartPolicy':'Never',
 'containers':[{'name':'stage','image':'busybox:1.35','terminationMessagePolicy':'FallbackToLogsOnError','command':['sh','-c','true'],'env':[{'name':'EphemeralJobData','value':'x'*131055}]}]}}}}))" | k create -f - >/dev/null
  until_job argument-too-long Failed; dump argument-too-long argument-too-long
  python3 - <<'PY'
import glob
for name in glob.glob("argument-too-long/*.json"):
    text = open(name).read().replace("x" * 131055, "(131055 times x)")
    open(name, "w").write(text)
PY
}
case_init-failed() { job init-failed true 'initContainers: [{name: fetch, image: "busybox:1.35", command: [sh, -c, "echo no; exit 5"]}]'; until_job init-failed Failed; dump init-failed init-failed; }
case_deleted() { job deleted 'trap : TERM; while :; do sleep 0.1; done'; until_pod deleted .status.phase Running
  pod=$(k get pods -l job-name=deleted -o name); k delete --wait=false "$pod" >/dev/null; until_pod deleted .metadata.deletionTimestamp Z; dump deleted deleted; k delete job deleted >/dev/null; }
case_deadline() { job deadline 'sleep 600' '' '' 'activeDeadlineSeconds: 3'; until_job deadline Failed; dump deadline deadline; }
case_deadline-pod() { job deadline-pod 'sleep 600' 'activeDeadlineSeconds: 3'; until_job deadline-pod Failed; dump deadline-pod deadline-pod; }
case_evicted() { job evicted 'dd if=/dev/zero of=/v/file bs=1M count=20; sleep 600' 'volumes: [{name: v, emptyDir: {sizeLimit: 1Mi}}]' 'volumeMounts: [{name: v, mountPath: /v}]'; until_pod evicted .status.reason Evicted; until_job evicted Failed; dump evicted evicted; }
case_preempted() {
  cat <<'YAML' | $kubectl create -f - >/dev/null
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: more}
value: 1000
YAML
  cpus=$($kubectl get nodes -o jsonpath='{.items[0].status.allocatable.cpu}')
  job preempted 'trap : TERM; while :; do sleep 0.1; done' '' "resources: {requests: {cpu: $cpus}}"; until_pod preempted .status.phase Running
  job more 'sleep 600' 'priorityClassName: more' "resources: {requests: {cpu: $cpus}}"
  until_pod preempted .metadata.deletionTimestamp Z; dump preempted preempted
  k delete job more preempted >/dev/null; $kubectl delete priorityclass more >/dev/null; }

$kubectl create namespace $ns >/dev/null 2>&1 || true
for _ in $(seq 100); do k get serviceaccount default -o jsonpath='{.secrets}' | grep -q name && break; sleep 0.2; done
cases=("$@")
[ ${#cases[@]} -gt 0 ] || mapfile -t cases < <(declare -F | sed -n 's/^declare -f case_//p')
for case in "${cases[@]}"; do ( set -e; "case_$case" ) || echo "NOT recorded: $case" >&2; done
$kubectl delete namespace $ns >/dev/null
