#!/bin/sh
# enter.sh ROOT WORK LAYERS PREFIX QEMU PROGRAM ARGUMENTS…
# Runs a program of the unpacked Debian in ROOT, in namespaces of its own, so that nothing of it outlives the program.
# In it, /wyvern is the checkout with LAYERS (overlayfs' "lowerdir") and /prefix is Wine's folder PREFIX. Changes to both go to
# WORK and are lost. QEMU runs programs for arm64, where ROOT has them; else it is "".
set -eu
root=$1 work=$2 layers=$3 prefix=$4 qemu=$5
shift 5
mkdir -p "$work/tmp" "$work/files" "$work/files-work" "$work/prefix" "$work/prefix-work"
if [ -n "$qemu" ]; then
    # Each user namespace has its own list of interpreters since Linux 6.7.
    mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc
    magic='\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00'
    mask='\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff'
    echo ":arm64:M::$magic:$mask:$qemu:FP" >/proc/sys/fs/binfmt_misc/register
fi
mount -t proc proc "$root/proc"
for name in dev sys; do mount --rbind "/$name" "$root/$name"; done
mount --bind "$work/tmp" "$root/tmp"
mount --bind "$work/out" "$root/out"
mount -t overlay overlay "$root/wyvern" \
    -o "lowerdir=$layers,upperdir=$work/files,workdir=$work/files-work,userxattr"
if [ "$prefix" = "" ]; then
    mount --bind "$work/prefix" "$root/prefix"
else
    mount -t overlay overlay "$root/prefix" \
        -o "lowerdir=$prefix,upperdir=$work/prefix,workdir=$work/prefix-work,userxattr"
fi
status=0
chroot "$root" "$@" || status=$?
# Wine's server writes the registry when it ends.
chroot "$root" "$WINESERVER" -k || true
chroot "$root" "$WINESERVER" -w
exit "$status"
