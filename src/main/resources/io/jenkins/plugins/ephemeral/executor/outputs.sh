# Runs a stage's program ("$@") and packs its outputs when it ended well. Made for busybox's sh.
tools=/ephemeral/tools/busybox
handover=/ephemeral/handover
"$@" &
program=$!
trap 'kill -TERM $program 2>/dev/null' TERM INT
while :; do
  wait $program
  code=$?
  kill -0 $program 2>/dev/null || break
done
trap - TERM INT
finish() {
  : >$handover/done
  exit $code
}
case " $EPHEMERAL_GOOD_EXIT_CODES " in
*" $code "*) ;;
*) finish ;;
esac
IFS='
'
bad=
for file in $EPHEMERAL_OUTPUTS; do
  [ -f "$file" ] && [ -s "$file" ] || bad="$bad $file"
done
if [ -n "$bad" ]; then
  echo "{\"bad\":\"$(echo "$bad" | $tools tr -d '"\\')\"}" >/dev/termination-log
  finish
fi
if ! $tools tar -cf $handover/outputs.tar $EPHEMERAL_OUTPUTS; then
  echo "{\"bad\":\"they could not be packed\"}" >/dev/termination-log
  finish
fi
sum=$($tools sha256sum <$handover/outputs.tar)
bytes=$(($($tools wc -c <$handover/outputs.tar)))
echo "{\"sha256\":\"${sum%% *}\",\"bytes\":$bytes}" >/dev/termination-log
finish
