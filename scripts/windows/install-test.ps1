# Installs a release, runs it and uninstalls it. Runs on Windows on Arm.
#
#   pwsh scripts/windows/install-test.ps1 -Folder dist
[CmdletBinding()]
param(
  # Folder with the installer, and with contents.sha256, the list of files to install (scripts/release/finish.mjs).
  [Parameter(Mandatory)][string]$Folder
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

function Start-AndWait([string]$Program, [string[]]$Arguments, [int]$Seconds) {
  $process = Start-Process -FilePath $Program -ArgumentList $Arguments -PassThru
  # Reading the handle keeps the exit status.
  $null = $process.Handle
  if (-not $process.WaitForExit($Seconds * 1000)) {
    $process.Kill($true)
    throw "$Program did not end within $Seconds seconds."
  }
  if ($process.ExitCode -ne 0) {
    throw "$Program ended with status $($process.ExitCode)."
  }
}

$installers = @(Get-ChildItem -Path $Folder -Filter 'Wyvern-*-win-arm64.exe')
if ($installers.Count -ne 1) {
  throw "There are $($installers.Count) installers in $Folder."
}
$installed = Join-Path $env:LOCALAPPDATA 'Programs\Wyvern'
$program = Join-Path $installed 'Wyvern.exe'
Start-AndWait $installers[0].FullName @('/S') 300
if (-not (Test-Path $program)) {
  throw "The installer ended well, but $program is not there."
}

$count = 0
foreach ($line in Get-Content (Join-Path $Folder 'contents.sha256')) {
  $hash, $name = $line -split '  ', 2
  $path = Join-Path $installed $name
  if (-not (Test-Path $path)) {
    throw "$name was not installed."
  }
  if ((Get-FileHash -Path $path -Algorithm SHA256).Hash -ne $hash) {
    throw "$name is not the file that was packaged."
  }
  $count += 1
}
Write-Output "$count files are installed as they were packaged."

$association = (Get-ItemProperty -Path 'HKCU:\Software\Classes\.pte' -ErrorAction Stop).'(default)'
if ($association -ne 'Wyvern.pte') {
  throw "Files .pte belong to '$association', not to Wyvern.pte."
}

$report = Join-Path $env:RUNNER_TEMP 'smoke-test.json'
Start-AndWait $program @("--smoke-test=$report") 300
Get-Content $report

$uninstaller = Join-Path $installed 'Uninstall Wyvern.exe'
Start-AndWait $uninstaller @('/S', "_?=$installed") 120
if (Test-Path $program) {
  throw "After uninstalling $program is still there."
}
if (Test-Path 'HKCU:\Software\Classes\Wyvern.pte') {
  throw 'After uninstalling the file association is still there.'
}
Write-Output 'Installed, run and uninstalled.'
