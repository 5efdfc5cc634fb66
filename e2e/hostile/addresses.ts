/** Addresses that must never be opened, in any place where an address can be given. */

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
  // Written so that a careless check takes them for something else.
  ...['JaVaScRiPt:alert(1)', ' javascript:alert(1)', 'java\tscript:alert(1)', 'java\nscript:alert(1)'],
  ...['\u0000javascript:alert(1)', 'javascript&colon;alert(1)', 'data:text/html,<script>1</script>'],
  // No scheme at all: on Windows a path or a share is as good as a program.
  ...['\\\\host\\share\\run.exe', '//host/share/run.exe', '\\\\?\\C:\\run.exe', 'C:\\Windows\\run.exe', 'C:/run.exe'],
  ...['/etc/passwd', '../../run.exe', 'run.exe', '%SystemRoot%\\run.exe', 'https', ':', '', '#', '?'],
];

export const openedAddresses: readonly string[] = [
  'https://example.com/a?b=c',
  'http://example.com/',
  'mailto:someone@example.com',
];
