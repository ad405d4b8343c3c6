#!/usr/bin/env bash
# Records what a real API server shows of stage Jobs that end in different ways, one folder per case with job.json,
# pods.json and events.json, or answer.json for what it says to the one who creates the Job.
# Usage: KUBECTL='cluster kubectl' ./record.sh [case...], in this folder, on a cluster of one node that one may spoil and
# whose node has the image busybox:1.35. KUBELET is the process id of that node's kubelet: it is held for the case
# node-lost, which takes two minutes.
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
about = (pods[0] if pods else job)["metadata"]
def concerns(event):  # the taint manager names no UID
    seen = event["involvedObject"]
    return seen.get("uid", about["uid"]) == about["uid"] and seen.get("name") == about["name"]
write("events", [plain(e) for e in load("events")["items"] if concerns(e)])
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
answer() { # answer CASE [KUBECTL-OPTIONS...]: what the server says when a Job is created
  mkdir -p "$1"
  printf '{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"%s"},"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"stage","image":"busybox:1.35"}]}}}}' "$1" >"$1/job.raw"
  $kubectl "${@:2}" create --raw "/apis/batch/v1/namespaces/${refusing:-$ns}/jobs" -f "$1/job.raw" -v=10 2>&1 |
    sed -n 's/^.*Response Body: //p' | tail -n 1 >"$1/answer.raw" || true
  python3 - "$1" <<'PY'
import json, os, sys
case = sys.argv[1]
with open(f"{case}/answer.raw") as f:
    value = json.load(f)
assert value["status"] == "Failure", value
with open(f"{case}/answer.json", "w") as f:
    json.dump(value, f, indent=1, sort_keys=True)
    f.write("\n")
for name in ("job", "answer"):
    os.remove(f"{case}/{name}.raw")
PY
  echo "recorded $1"
}
webhook() { # webhook RESOURCE GROUP PATH: an admission webhook on this machine for one resource of the namespace
  local hook port
  hook=$(mktemp -d)
  openssl req -x509 -newkey rsa:2048 -noenc -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 \
    -keyout "$hook/key" -out "$hook/crt" 2>/dev/null
  python3 - "$hook" <<'PY' &
import http.server, json, ssl, sys
folder = sys.argv[1]
class Denies(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        response = {"uid": review["request"]["uid"], "allowed": False, "status": {"message": "images need a digest"}}
        body = json.dumps({"apiVersion": review["apiVersion"], "kind": review["kind"], "response": response}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Denies)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(f"{folder}/crt", f"{folder}/key")
server.socket = context.wrap_socket(server.socket, server_side=True)
with open(f"{folder}/port", "w") as f:
    f.write(str(server.server_address[1]) + "\n")
server.serve_forever()
PY
  trap "kill $!; rm -r '$hook'" EXIT
  until [ -s "$hook/port" ]; do sleep 0.1; done
  port=$(cat "$hook/port")
  $kubectl create -f - >/dev/null <<YAML
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: recording}
webhooks:
- name: policy.example.com
  admissionReviewVersions: [v1]
  sideEffects: None
  timeoutSeconds: 2
  namespaceSelector: {matchLabels: {recording: 'yes'}}
  clientConfig: {url: "https://127.0.0.1:${3/PORT/$port}", caBundle: $(base64 -w0 "$hook/crt")}
  rules: [{apiGroups: ["$2"], apiVersions: ["*"], operations: [CREATE], resources: [$1]}]
YAML
  sleep 2
}
no_webhook() { $kubectl delete validatingwebhookconfiguration recording >/dev/null; }
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

case_webhook-denied() { webhook pods '' PORT/; job webhook-denied true; until_event FailedCreate; dump webhook-denied webhook-denied; no_webhook; k delete job webhook-denied >/dev/null; k delete events --all >/dev/null; }
case_webhook-silent() { webhook pods '' 1/; job webhook-silent true; until_event FailedCreate; dump webhook-silent webhook-silent; no_webhook; k delete job webhook-silent >/dev/null; k delete events --all >/dev/null; }
case_answer-webhook() { webhook jobs batch PORT/; answer answer-webhook; no_webhook; }
case_answer-forbidden() { answer answer-forbidden --as=system:serviceaccount:$ns:default; }
case_answer-unauthorized() {
  local config; config=$(mktemp)
  $kubectl config view --raw --minify | sed '/client-key-data:/d; s/client-certificate-data:.*/token: outdated/' >"$config"
  answer answer-unauthorized --kubeconfig "$config"; rm "$config"
}
case_answer-quota() {
  k create quota jobs --hard=count/jobs.batch=0 >/dev/null; sleep 2
  answer answer-quota; k delete quota jobs >/dev/null
}
case_answer-terminating() {
  $kubectl create namespace recording-held >/dev/null
  $kubectl -n recording-held create -f - >/dev/null <<'YAML'
apiVersion: v1
kind: ConfigMap
metadata: {name: held, finalizers: [example.com/hold]}
YAML
  $kubectl delete namespace recording-held --wait=false >/dev/null
  until [ "$($kubectl get namespace recording-held -o jsonpath='{.status.phase}')" = Terminating ]; do sleep 0.2; done
  refusing=recording-held answer answer-terminating
  $kubectl -n recording-held patch configmap held --type=merge -p '{"metadata":{"finalizers":null}}' >/dev/null
}
case_answer-no-namespace() { refusing=recording-never answer answer-no-namespace; }
case_limit-range() {
  k create -f - >/dev/null <<'YAML'
apiVersion: v1
kind: LimitRange
metadata: {name: small}
spec: {limits: [{type: Container, max: {memory: 8Mi}}]}
YAML
  job limit-range true '' 'resources: {limits: {memory: 16Mi}}'; until_event FailedCreate; dump limit-range limit-range
  k delete limitrange small >/dev/null; k delete job limit-range >/dev/null; k delete events --all >/dev/null
}
case_priority-class() { job priority-class true 'priorityClassName: not-there'; until_event FailedCreate; dump priority-class priority-class; k delete job priority-class >/dev/null; k delete events --all >/dev/null; }
case_backoff-limit() {
  job backoff-limit 'exit 3'; until_job backoff-limit Failed
  k delete pods -l job-name=backoff-limit >/dev/null; dump backoff-limit backoff-limit
}
case_job-deleted() {
  job job-deleted 'trap : TERM; while :; do sleep 0.1; done' 'terminationGracePeriodSeconds: 8'; until_pod job-deleted .status.phase Running
  k delete job job-deleted --cascade=foreground --wait=false >/dev/null; until_pod job-deleted .metadata.deletionTimestamp Z; dump job-deleted job-deleted
}
case_recreated() {
  job recreated 'sleep 600'; until_pod recreated .status.phase Running
  k delete job recreated --cascade=orphan >/dev/null; job recreated 'sleep 600'
  for _ in $(seq 100); do [ "$(k get pods -l job-name=recreated -o name | wc -l)" = 2 ] && break; sleep 0.1; done
  dump recreated recreated; k delete job recreated >/dev/null; k delete pods -l job-name=recreated --wait=false >/dev/null
}
case_container-error() { job container-error true 'securityContext: {seccompProfile: {type: Localhost, localhostProfile: not-there.json}}'; until_pod container-error "$waiting" CreateContainerError; dump container-error container-error; k delete job container-error >/dev/null; }
case_run-as-root() { job run-as-root true 'securityContext: {runAsNonRoot: true}'; until_pod run-as-root "$waiting" CreateContainerConfigError; dump run-as-root run-as-root; k delete job run-as-root >/dev/null; }
case_out-of-cpu() { job out-of-cpu true "nodeName: $node" 'resources: {requests: {cpu: 9000}}'; until_job out-of-cpu Failed; dump out-of-cpu out-of-cpu; }
case_node-affinity() { job node-affinity true "nodeName: $node"$'\n      nodeSelector: {disk: fast}'; until_job node-affinity Failed; dump node-affinity node-affinity; }
case_tainted() {
  job tainted 'trap : TERM; while :; do sleep 0.1; done'; until_pod tainted .status.phase Running
  $kubectl taint nodes "$node" recording=yes:NoExecute >/dev/null; until_pod tainted .metadata.deletionTimestamp Z; sleep 1; dump tainted tainted
  $kubectl taint nodes "$node" recording- >/dev/null; k delete job tainted >/dev/null
}
another_node() { # another_node FOLDER: a Node that only exists on paper, as nobody gives up Pods while no node is ready
  local now; now=$(date -u +%Y-%m-%dT%H:%M:%S)
  printf '{"apiVersion":"v1","kind":"Node","metadata":{"name":"on-paper"},"spec":{"taints":[{"key":"on-paper","effect":"NoSchedule"}]},"status":{"conditions":[{"type":"Ready","status":"True","reason":"OnPaper","lastHeartbeatTime":"%sZ","lastTransitionTime":"%sZ"}]}}' "$now" "$now" >"$1/node.json"
  $kubectl create -f "$1/node.json" >/dev/null
  while [ -e "$1/node.json" ]; do
    printf '{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"on-paper","namespace":"kube-node-lease"},"spec":{"holderIdentity":"on-paper","leaseDurationSeconds":40,"renewTime":"%s.000000Z"}}' "$(date -u +%Y-%m-%dT%H:%M:%S)" |
      $kubectl apply -f - >/dev/null
    sleep 5
  done
  $kubectl delete node on-paper >/dev/null
}
ready() { $kubectl get node "$node" -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status}'; }
case_node-lost() {
  local soon='effect: NoExecute, operator: Exists, tolerationSeconds: 15'
  paper=$(mktemp -d); another_node "$paper" &
  trap 'rm -r "$paper"; kill -CONT "$KUBELET"; wait' EXIT # in a shell of its own
  job node-lost 'sleep 600' "tolerations: [{key: node.kubernetes.io/unreachable, $soon}, {key: node.kubernetes.io/not-ready, $soon}]"
  until_pod node-lost .status.phase Running
  kill -STOP "$KUBELET"
  until [ "$(ready)" = Unknown ]; do sleep 1; done
  sleep 5; dump node-silent node-lost
  until_pod node-lost .metadata.deletionTimestamp Z; sleep 1; dump node-lost node-lost
  kill -CONT "$KUBELET"
  until [ "$(ready)" = True ]; do sleep 1; done
  k delete job node-lost >/dev/null
}

$kubectl create namespace $ns >/dev/null 2>&1 || true
$kubectl label namespace $ns recording=yes --overwrite >/dev/null
node=$($kubectl get nodes -o jsonpath='{.items[0].metadata.name}')
for _ in $(seq 100); do k get serviceaccount default -o jsonpath='{.secrets}' | grep -q name && break; sleep 0.2; done
cases=("$@")
[ ${#cases[@]} -gt 0 ] || mapfile -t cases < <(declare -F | sed -n 's/^declare -f case_//p')
set +e
for case in "${cases[@]}"; do
  ( set -e; "case_$case" )
  [ $? = 0 ] || echo "NOT recorded: $case" >&2
done
$kubectl delete namespace $ns >/dev/null
