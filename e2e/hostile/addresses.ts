/** Addresses that must never open, from any place that takes an address. */

/** Schemes that start programs, read files, leak credentials or run scripts somewhere. */
const schemes = [
  ...[
    'javascript',
    'vbscript',
    'data',
    'blob',
    'file',
    'filesystem',
    'about',
    'chrome',
    'chrome-extension',
    'devtools',
  ],
  ...['view-source', 'app', 'electron', 'ftp', 'sftp', 'ssh', 'telnet', 'ldap', 'smb', 'nfs', 'dav', 'ws', 'wss'],
  ...['ms-settings', 'ms-msdt', 'ms-officecmd', 'ms-word', 'ms-excel', 'ms-appinstaller', 'ms-search', 'search-ms'],
  ...[
    'shell',
    'calculator',
    'vscode',
    'steam',
    'zoommtg',
    'slack',
    'tel',
    'sms',
    'facetime',
    'intent',
    'market',
    'jar',
  ],
];

export const refusedAddresses: readonly string[] = [
  ...schemes.map((scheme) => `${scheme}:payload`),
  ...schemes.map((scheme) => `${scheme}://host/path?https://example.com/`),
  // Written to pass a careless check.
  ...['JaVaScRiPt:alert(1)', ' javascript:alert(1)', 'java\tscript:alert(1)', 'java\nscript:alert(1)'],
  ...['\u0000javascript:alert(1)', 'javascript&colon;alert(1)', 'data:text/html,<script>1</script>'],
  // No scheme: on Windows, opening a path or a share can start a program.
  ...['\\\\host\\share\\run.exe', '//host/share/run.exe', '\\\\?\\C:\\run.exe', 'C:\\Windows\\run.exe', 'C:/run.exe'],
  ...['/etc/passwd', '../../run.exe', 'run.exe', '%SystemRoot%\\run.exe', 'https', ':', '', '#', '?'],
];

export const openedAddresses: readonly string[] = [
  'https://example.com/a?b=c',
  'http://example.com/',
  'mailto:someone@example.com',
];
