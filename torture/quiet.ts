/** Silences the log of intended failures. Import it first: the log reads its level once. */
process.env['WYVERN_LOG'] ??= 'none';
