/** What goes wrong on purpose fills no screen. Imported first: the log's level is read once. */
process.env['WYVERN_LOG'] ??= 'none';
