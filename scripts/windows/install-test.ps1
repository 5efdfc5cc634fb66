# Installs a release as a person would, runs it, and takes it away again. Runs on Windows on Arm.
#
#   pwsh scripts/windows/install-test.ps1 -Installer Wyvern-0.1.0-win-arm64.exe -Unpacked dist/win-arm64-unpacked
[CmdletBinding()]
param(
  [Parameter(Mandatory)][string]$Installer,
  # The folder that the installer was made from: what is installed must be the same, file by file.
  [Parameter(Mandatory)][string]$Unpacked
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

function Start-AndWait([string]$Program, [string[]]$Arguments, [int]$Seconds) {
  $process = Start-Process -FilePath $Program -ArgumentList $Arguments -PassThru
  # Without the handle its exit status is lost.
  $null = $process.Handle
  if (-not $process.WaitForExit($Seconds * 1000)) {
    $process.Kill($true)
    throw "$Program did not end within $Seconds seconds."
  }
  if ($process.ExitCode -ne 0) {
    throw "$Program ended with status $($process.ExitCode)."
  }
}

function Get-Files([string]$Folder) {
  $files = @{}
  foreach ($file in Get-ChildItem -Path $Folder -Recurse -File) {
    $name = [System.IO.Path]::GetRelativePath($Folder, $file.FullName)
    $files[$name] = (Get-FileHash -Path $file.FullName -Algorithm SHA256).Hash
  }
  return $files
}

$folder = Join-Path $env:LOCALAPPDATA 'Programs\wyvern'
$program = Join-Path $folder 'Wyvern.exe'
Start-AndWait $Installer @('/S') 300
if (-not (Test-Path $program)) {
  throw "The installer ended well, but $program is not there."
}

$expected = Get-Files (Resolve-Path $Unpacked).Path
$installed = Get-Files $folder
foreach ($name in $expected.Keys) {
  if (-not $installed.ContainsKey($name)) {
    throw "$name was not installed."
  }
  if ($installed[$name] -ne $expected[$name]) {
    throw "$name is not the file that was packaged."
  }
}
Write-Output "$($expected.Count) files are installed as they were packaged."

$association = (Get-ItemProperty -Path 'HKCU:\Software\Classes\.pte' -ErrorAction Stop).'(default)'
if ($association -ne 'Wyvern.pte') {
  throw "Files .pte belong to '$association', not to Wyvern.pte."
}

$report = Join-Path $env:RUNNER_TEMP 'smoke-test.json'
Start-AndWait $program @("--smoke-test=$report") 300
Get-Content $report

$uninstaller = Join-Path $folder 'Uninstall Wyvern.exe'
Start-AndWait $uninstaller @('/S', "_?=$folder") 120
if (Test-Path $program) {
  throw "After uninstalling $program is still there."
}
if (Test-Path 'HKCU:\Software\Classes\Wyvern.pte') {
  throw 'After uninstalling the file association is still there.'
}
Write-Output 'Installed, run and uninstalled.'
