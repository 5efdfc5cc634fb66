# Checks the signature and the signer of every program and library in a package. Runs on Windows.
#
#   pwsh scripts/windows/check-signatures.ps1 -Folder dist/win-arm64-unpacked -Publisher 'CN=...'
[CmdletBinding()]
param(
  [Parameter(Mandatory)][string]$Folder,
  # Subject of our certificate. Use the name, not the thumbprint: signing services change certificates every few days.
  [Parameter(Mandatory)][string]$Publisher
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$ours = @('Wyvern.exe', 'wyvern.node', 'qnn_executorch_backend.dll')
$problems = @()
$files = Get-ChildItem -Path $Folder -Recurse -File -Include '*.exe', '*.dll', '*.node'
foreach ($file in $files) {
  $isOurs = $ours -contains $file.Name
  $isQualcomm = $file.Directory.Name -eq 'qnn'
  if (-not $isOurs -and -not $isQualcomm) {
    continue
  }
  $signature = Get-AuthenticodeSignature -FilePath $file.FullName
  if ($signature.Status -ne 'Valid') {
    $problems += "$($file.Name): the signature is $($signature.Status)."
    continue
  }
  $subject = $signature.SignerCertificate.Subject
  if ($isOurs -and $subject -ne $Publisher) {
    $problems += "$($file.Name) is signed by $subject."
  }
  if ($isQualcomm -and $subject -notmatch 'QUALCOMM') {
    $problems += "$($file.Name) should be as Qualcomm signed it, but is signed by $subject."
  }
}
if ($problems.Count -gt 0) {
  throw ($problems -join [Environment]::NewLine)
}
Write-Output "The signatures in $Folder are as they should be."
