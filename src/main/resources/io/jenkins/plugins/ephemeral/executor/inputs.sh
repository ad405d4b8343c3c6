# Unpacks the outputs of the stage before, if they are what they were. Arguments: the archive, its SHA-256, the folder.
copy=/home/ephemeral/.inputs.tar
refuse() {
  echo "$1" >/dev/termination-log
  echo "$1"
  exit 1
}
trap 'exit 143' TERM
[ -s "$1" ] || refuse "They are missing or empty."
# a copy of our own: nobody changes it between the check and the unpacking
cp "$1" $copy || refuse "They could not be copied."
sum=$(sha256sum <$copy)
[ "${sum%% *}" = "$2" ] || refuse "They were changed: their SHA-256 is ${sum%% *}, and was $2."
mkdir -p "$3" && tar -xf $copy -C "$3" || refuse "They could not be unpacked."
rm -f $copy
