/** Records what a text does to the window: running code, requests, navigation, and every element that ever appears. */
import type { Locator, Page, Request } from '@playwright/test';
import { expect } from '../app.ts';
import type { WyvernApp } from '../app.ts';

/** Elements of Markdown, formulas, code and code buttons, with their allowed attributes. */
const drawn = {
  tags: [
    ...['div', 'p', 'span', 'em', 'strong', 'del', 'code', 'pre', 'blockquote', 'hr', 'br', 'sup', 'section', 'a'],
    ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'ul', 'ol', 'li', 'input'],
    ...['table', 'thead', 'tbody', 'tr', 'th', 'td', 'figure', 'figcaption', 'button'],
    ...['svg', 'path', 'rect', 'line'],
    ...['math', 'semantics', 'annotation', 'mrow', 'mi', 'mo', 'mn', 'ms', 'mtext', 'mspace', 'mstyle', 'mpadded'],
    ...['mfrac', 'msqrt', 'mroot', 'msub', 'msup', 'msubsup', 'munder', 'mover', 'munderover', 'mphantom'],
    ...['menclose', 'mtable', 'mtr', 'mtd', 'mlabeledtr'],
  ],
  attributes: [
    ...['class', 'style', 'id', 'role', 'tabindex', 'hidden', 'title', 'type', 'checked', 'disabled', 'start'],
    ...['xmlns', 'width', 'height', 'viewBox', 'preserveAspectRatio', 'fill', 'stroke', 'd', 'x', 'y', 'rx', 'ry'],
    ...['x1', 'x2', 'y1', 'y2', 'stroke-width', 'stroke-linecap', 'stroke-linejoin'],
    ...[
      'encoding',
      'display',
      'mathvariant',
      'stretchy',
      'fence',
      'separator',
      'lspace',
      'rspace',
      'minsize',
      'maxsize',
    ],
    ...['displaystyle', 'scriptlevel', 'linethickness', 'columnalign', 'columnspacing', 'rowspacing', 'columnlines'],
    ...['rowlines', 'accent', 'accentunder', 'movablelimits', 'mathcolor', 'mathbackground', 'mathsize', 'notation'],
    ...['voffset', 'depth', 'symmetric', 'largeop', 'form', 'side', 'frame', 'framespacing', 'columnwidth'],
  ],
};
/** Elements and attributes that no part of the window has: they would run, load, navigate or style. */
const nowhere = {
  tags: [
    ...['script', 'style', 'link', 'meta', 'base', 'title', 'iframe', 'frame', 'frameset', 'object', 'embed', 'applet'],
    ...['portal', 'fencedframe', 'video', 'audio', 'source', 'track', 'picture', 'image', 'use', 'animate'],
    ...['set', 'foreignobject', 'feimage', 'template', 'slot', 'noscript', 'marquee', 'map', 'area', 'xmp'],
    ...['plaintext', 'maction', 'annotation-xml', 'mglyph', 'param', 'bgsound'],
  ],
  attributes: [
    ...['href', 'xlink:href', 'src', 'srcset', 'action', 'formaction', 'data', 'poster', 'background', 'ping'],
    ...['http-equiv', 'archive', 'codebase', 'usemap', 'is', 'contenteditable', 'popover', 'popovertarget', 'nonce'],
  ],
};
const rules = { drawn, nowhere };

/** Runs in the page, before its text. */
function watchPage({ drawn, nowhere }: typeof rules): void {
  const seen: string[] = [];
  const report = (what: string): void => {
    if (seen.length < 50) seen.push(what);
  };
  Object.assign(window, { canary: (id: unknown) => report(`ran: ${String(id)}`), hostileSeen: seen });
  document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) =>
    report(`the policy stopped ${violatedDirective}: ${blockedURI} ${sample}`),
  );
  const lists = [drawn.tags, drawn.attributes, nowhere.tags, nowhere.attributes].map((list) => new Set(list));
  const [drawnTags, drawnAttributes, foreignTags, foreignAttributes] = lists;
  // The page's own elements at load. Later ones (a style sheet, a module) are the app's if their address is.
  const own = new Set(document.head.querySelectorAll('*'));
  const isOwn = (element: Element): boolean =>
    own.has(element) ||
    (element.parentElement === document.head &&
      element.localName === 'link' &&
      (element as HTMLLinkElement).href.startsWith(`${location.origin}/`));
  const judge = (element: Element): void => {
    const tag = element.localName;
    const where = `<${tag}> ${element.textContent.slice(0, 60)}`;
    if (isOwn(element)) return;
    if (foreignTags?.has(tag)) report(`an element stood in the window: ${where}`);
    const text = element.closest('[data-testid="answer-text"]');
    const inText = text !== null && text !== element;
    if (inText && !drawnTags?.has(tag)) report(`an element stood in a text: ${where}`);
    for (const { name, value } of element.attributes) {
      const said = `${name}="${value.slice(0, 80)}" of ${where}`;
      if (name.startsWith('on') || foreignAttributes?.has(name)) report(`an attribute stood in the window: ${said}`);
      if (name === 'style' && /url\(|expression\(|@import|binding:/i.test(value)) report(`a style: ${said}`);
      if (!inText || /^(aria|data)-/.test(name)) continue;
      if (!drawnAttributes?.has(name)) report(`an attribute stood in a text: ${said}`);
      if (name === 'id' && !/^(user-content-|footnote-label$)/.test(value)) report(`an id stood in a text: ${said}`);
      if (name === 'type' && !['checkbox', 'button'].includes(value)) report(`a field stood in a text: ${said}`);
      if (name === 'style' && /position:\s*(fixed|absolute)/i.test(value)) report(`a place of its own: ${said}`);
      // Classes of ours that a text could use to cover the page.
      if (name === 'class' && /\b(fixed|absolute|inset-0)\b/.test(value)) report(`a class stood in a text: ${said}`);
    }
    if (inText && tag === 'input' && !element.hasAttribute('disabled')) report(`a live field: ${where}`);
  };
  const judgeAll = (node: Node): void => {
    if (!(node instanceof Element)) return;
    judge(node);
    for (const element of node.querySelectorAll('*')) judge(element);
  };
  judgeAll(document.documentElement);
  new MutationObserver((changes) => {
    for (const { type, target, addedNodes } of changes) {
      if (type === 'attributes') judge(target as Element);
      else addedNodes.forEach(judgeAll);
    }
  }).observe(document, { subtree: true, childList: true, attributes: true });
}

/** Runs in the page: returns the violations since the last call. */
function takeSeen(): readonly string[] {
  const { hostileSeen, polluted } = window as unknown as { hostileSeen?: string[]; polluted?: unknown };
  const frames = window.length > 0 ? [`${window.length} frames`] : [];
  const names = ['document', 'wyvern', 'location'].flatMap((name) =>
    window[name as 'document'] instanceof HTMLElement ? [`an element stands for window.${name}`] : [],
  );
  return [
    ...(hostileSeen?.splice(0) ?? ['nobody watched']),
    ...frames,
    ...names,
    ...(polluted === undefined ? [] : ['every object has “polluted”']),
  ];
}

/** Runs in the page: presses every link in `text`, and leaves each. @returns The shown addresses. */
async function pressAll(text: Element): Promise<readonly string[]> {
  const shown: string[] = [];
  for (const link of text.querySelectorAll<HTMLElement>('[role="link"], a, area')) {
    link.click();
    await new Promise((done) => setTimeout(done));
    shown.push(document.querySelector('[data-testid="link-address"]')?.textContent ?? 'nothing');
  }
  return shown;
}

/** Presses every link in a text. @returns The number of links, and the forbidden addresses. */
export async function pressLinks(
  text: Locator,
): Promise<{ readonly links: number; readonly wrong: readonly string[] }> {
  const shown = await text.evaluate(pressAll);
  if (shown.length > 0) {
    await text.page().keyboard.press('Escape');
    await expect(text.page().getByRole('dialog')).toHaveCount(0);
  }
  return { links: shown.length, wrong: shown.filter((url) => !/^(https?|mailto):/.test(url)) };
}

export interface Watch {
  /** Returns the violations since the last call; expected to be empty. */
  findings(): Promise<readonly string[]>;
}

/** Watches the window from now on. Call it again after a reload. */
export async function watch(app: WyvernApp): Promise<Watch> {
  const { page } = app;
  const outside: string[] = [];
  const home = page.url();
  const own = `${new URL(home).origin}/`;
  page.on('dialog', (dialog) => {
    outside.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('download', (download) => outside.push(`a download: ${download.url()}`));
  page.on('framenavigated', (frame) => outside.push(`went to ${frame.url()}`));
  page.on('frameattached', () => outside.push('a frame'));
  page.on('pageerror', (error) => outside.push(`an error: ${error.message}`));
  page.on('worker', (worker) => outside.push(`a worker: ${worker.url()}`));
  page.context().on('page', (popup: Page) => outside.push(`a window: ${popup.url()}`));
  page.context().on('request', (request: Request) => {
    const url = request.url();
    if (!url.startsWith(own) && !/^(data|blob):/.test(url)) outside.push(`a request to ${url}`);
  });
  await page.evaluate(watchPage, rules);
  let read = app.log.length;
  return {
    async findings() {
      const inside = await page.evaluate(takeSeen);
      const log = app.log.slice(read);
      read = app.log.length;
      const refused = log.split('\n').filter((line) => /Refused|error/.test(line));
      return [...inside, ...outside.splice(0), ...refused, ...(page.url() === home ? [] : [`stands at ${page.url()}`])];
    },
  };
}
