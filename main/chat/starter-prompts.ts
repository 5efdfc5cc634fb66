/** The prompts that every library starts with, in each language. The variables keep their names in the window's language. */
import type { Language } from '../../preload/contract/values.ts';

export const starterKeys = [
  'summarise',
  'translate',
  'proofread',
  'rewrite',
  'explain',
  'email',
  'reply',
  'explain-code',
  'find-bugs',
  'plan',
] as const;
type StarterKey = (typeof starterKeys)[number];

interface Words {
  readonly name: string;
  readonly text: string;
}

const en: Readonly<Record<StarterKey, Words>> = {
  summarise: { name: 'Summarise', text: 'Summarise this text in at most five sentences:\n\n{{selection}}' },
  translate: {
    name: 'Translate',
    text: 'Translate this text into {{language}}. Answer with the translation alone.\n\n{{selection}}',
  },
  proofread: {
    name: 'Proofread',
    text: 'Correct the spelling and grammar of this text. Keep its meaning and tone. Answer with the corrected text alone.\n\n{{selection}}',
  },
  rewrite: { name: 'Rewrite', text: 'Rewrite this text. It should be {{style}}.\n\n{{selection}}' },
  explain: {
    name: 'Explain',
    text: 'Explain {{topic}} to someone who knows nothing about it. Use short sentences and one example.',
  },
  email: {
    name: 'Write an email',
    text: 'Write a short, friendly email to {{recipient}} about this: {{subject}}\n\nToday is {{date}}.',
  },
  reply: {
    name: 'Reply to a message',
    text: 'Write a reply to the message below. It should say: {{reply}}\n\nThe message:\n\n{{clipboard}}',
  },
  'explain-code': {
    name: 'Explain code',
    text: 'Explain this code step by step:\n\n```\n{{clipboard}}\n```',
  },
  'find-bugs': {
    name: 'Find mistakes in code',
    text: 'Find the mistakes in this code. For each one, say why it is wrong and show the corrected line.\n\n```\n{{clipboard}}\n```',
  },
  plan: {
    name: 'Make a plan',
    text: 'Make a plan with numbered steps for this goal: {{goal}}\n\nToday is {{date}}. It must be done by {{deadline}}.',
  },
};

const de: Readonly<Record<StarterKey, Words>> = {
  summarise: { name: 'Zusammenfassen', text: 'Fasse diesen Text in höchstens fünf Sätzen zusammen:\n\n{{selection}}' },
  translate: {
    name: 'Übersetzen',
    text: 'Übersetze diesen Text in die Sprache {{Sprache}}. Antworte nur mit der Übersetzung.\n\n{{selection}}',
  },
  proofread: {
    name: 'Korrekturlesen',
    text: 'Korrigiere Rechtschreibung und Grammatik dieses Textes. Behalte Sinn und Ton bei. Antworte nur mit dem korrigierten Text.\n\n{{selection}}',
  },
  rewrite: { name: 'Umformulieren', text: 'Formuliere diesen Text um. Er soll {{Stil}} klingen.\n\n{{selection}}' },
  explain: {
    name: 'Erklären',
    text: 'Erkläre {{Thema}} für jemanden ohne Vorwissen. Verwende kurze Sätze und ein Beispiel.',
  },
  email: {
    name: 'E-Mail schreiben',
    text: 'Schreibe eine kurze, freundliche E-Mail an {{Empfänger}}. Es geht um: {{Betreff}}\n\nHeute ist der {{date}}.',
  },
  reply: {
    name: 'Auf eine Nachricht antworten',
    text: 'Schreibe eine Antwort auf die Nachricht unten. Sie soll sagen: {{Antwort}}\n\nDie Nachricht:\n\n{{clipboard}}',
  },
  'explain-code': {
    name: 'Code erklären',
    text: 'Erkläre diesen Code Schritt für Schritt:\n\n```\n{{clipboard}}\n```',
  },
  'find-bugs': {
    name: 'Fehler im Code finden',
    text: 'Finde die Fehler in diesem Code. Sage zu jedem, warum er falsch ist, und zeige die korrigierte Zeile.\n\n```\n{{clipboard}}\n```',
  },
  plan: {
    name: 'Plan machen',
    text: 'Mache einen Plan mit nummerierten Schritten für dieses Ziel: {{Ziel}}\n\nHeute ist der {{date}}. Fertig sein muss es bis {{Termin}}.',
  },
};

const zh: Readonly<Record<StarterKey, Words>> = {
  summarise: { name: '总结', text: '用不超过五句话总结下面的文字：\n\n{{selection}}' },
  translate: { name: '翻译', text: '把下面的文字翻译成{{语言}}。只回答译文。\n\n{{selection}}' },
  proofread: {
    name: '校对',
    text: '改正下面文字的错别字和语法错误，保持原意和语气。只回答改正后的文字。\n\n{{selection}}',
  },
  rewrite: { name: '改写', text: '改写下面的文字，风格要求：{{风格}}。\n\n{{selection}}' },
  explain: { name: '解释', text: '向完全不了解的人解释{{主题}}。使用短句，并举一个例子。' },
  email: {
    name: '写邮件',
    text: '给{{收件人}}写一封简短友好的邮件，内容是：{{主题}}\n\n今天是{{date}}。',
  },
  reply: {
    name: '回复消息',
    text: '为下面的消息写一个回复，要表达的意思是：{{回复}}\n\n消息：\n\n{{clipboard}}',
  },
  'explain-code': { name: '解释代码', text: '逐步解释下面的代码：\n\n```\n{{clipboard}}\n```' },
  'find-bugs': {
    name: '查找代码错误',
    text: '找出下面代码中的错误。对每个错误说明原因，并给出改正后的那一行。\n\n```\n{{clipboard}}\n```',
  },
  plan: {
    name: '制定计划',
    text: '为这个目标制定一个分步骤的计划：{{目标}}\n\n今天是{{date}}，必须在{{期限}}之前完成。',
  },
};

const catalogues: Readonly<Record<Language, Readonly<Record<StarterKey, Words>>>> = { en, de, zh };

/** The words of a starter prompt; undefined for an unknown key. */
export function starterOf(key: string, language: Language): Words | undefined {
  const known = starterKeys.find((starter) => starter === key);
  return known && catalogues[language][known];
}
