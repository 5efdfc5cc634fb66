"""Text that tokenizers stumble over: twelve scripts with emoji, code and numbers, the same at each run."""

from __future__ import annotations

import random

LINES = 2000

WORDS = {
    "latin": "the quick brown fox isn't we'll THEY'VE Straße naïve coöperate façade Übergröße œuvre smörgåsbord język "
    "žluťoučký kůň ğüzel İstanbul ıslak tiếng Việt Ngữ pão coração España ¿qué? don’t I'm You'Re itſ camelCase",
    "greek": "η γλώσσα τῆς Ἑλλάδος ΣΟΦΟΣ σοφός άνθρωπος θάλασσα μηδέν άγαν ψυχή ὦ φίλος Ὀδυσσεύς τρία αʹ",
    "cyrillic": "быстрая коричневая лиса съешь ещё этих мягких булок Київ їжак ґанок Љубљана ћуприја Қазақстан өзен",
    "hebrew": "שלום עולם בְּרֵאשִׁית בָּרָא אֱלֹהִים ספר ילד תוֹרָה מחשב״ים ירושלים וְאֵת",
    "arabic": "مرحبا بالعالم السَّلَامُ عَلَيْكُمْ كتاب لغة العربية فارسی می‌خواهم پنجره چای اُردو ہے ۱۲۳ ٤٥٦",
    "devanagari": "नमस्ते दुनिया क्षत्रिय ज्ञान हिन्दी भाषा श्रीमान् विद्यार्थी कार्य संस्कृतम् १२३ प्रेम र्‍य",
    "bengali": "নমস্কার বিশ্ব বাংলা ভাষা কৃষ্ণ বিজ্ঞান স্ত্রী উৎসব ১২৩ শ্রদ্ধা ক্ষমা",
    "tamil": "வணக்கம் உலகம் தமிழ் மொழி கணினி ஸ்ரீ யாழ்ப்பாணம் கௌரவம் ௧௨௩ கோழி",
    "thai": "สวัสดีชาวโลก ภาษาไทย กำลัง น้ำใจ ก๊วยเตี๋ยว ๑๒๓ เที่ยวบิน ประเทศ ผู้ใหญ่",
    "han": "你好世界 快速的棕色狐狸 學而時習之 不亦說乎 龍鳳 計算機 人工智能 北京大学 𠮷野家 一二三 中文，標點。「引號」",
    "kana": "こんにちは 世界 コンピュータ ﾊﾝｶｸ が゛ ガギグ ヴァイオリン ありがとうございます 東京タワー ー々〆 ㌔ ヿ",
    "hangul": "안녕하세요 세계 한국어 컴퓨터 훈민정음 ᄒᆞᆫ글 값 닭 뷁 서울특별시 했습니다",
}
"""Twelve scripts; the words bring their combining marks, digits, ligatures and compatibility forms."""

RANGES = {
    "latin": "À-ÿĀ-ſƀ-ɏḀ-ỹ",
    "greek": "Α-ΡΣ-ώἀ-ἕ",
    "cyrillic": "Ѐ-ӿ",
    "hebrew": "֑-ֽא-ת",
    "arabic": "ء-ٕ٠-٩ٱ-ۓ",
    "devanagari": "ँ-ह़-्०-९",
    "bengali": "অ-ঌক-নো-্০-৯",
    "tamil": "அ-ஊா-ூ௦-௲",
    "thai": "ก-ฺ฿-๛",
    "han": "一-龥㐀-䶵𠀀-𪛖",
    "kana": "ぁ-ゖァ-ヺｦ-ﾟ",
    "hangul": "가-힣ㄱ-ㆎ",
}
"""Pairs of first and last; all assigned since long, so that every release of Unicode says the same of them."""

SYMBOLS = "!-/:-@←-⇿∀-⋿①-⓿─-╿"

PICTURES = "😀 👍🏽 👩‍👩‍👧‍👦 🏳️‍🌈 🇫🇷🇯🇵 1️⃣ ❤️‍🔥 🧑🏿‍🚀 🫠 ☺︎ ☺️ 🏴󠁧󠁢󠁳󠁣󠁴󠁿 ♀ ⚙️ 𝔘𝔫𝔦 🜁"
EMOJI = PICTURES.split(" ")

CODE = [
    "def f(x: int) -> int:\n    return x ** 2  # ok",
    "for (let i = 0; i < n; i++) { a[i] += b[i] ?? 0; }",
    "if (p != NULL && *p == '\\0') goto end;",
    '\t\tSELECT * FROM "t" WHERE id IN (1,22,333);',
    '<div class="a-b">&nbsp;{{ x|trim }}</div>',
    "std::vector<std::pair<int, T>> v{{1, {}}};",
    '{"a": [1, 2.5e-3, null, true], "b\\u00e9": "\\n"}',
    "$ git log --oneline | grep -E '^[0-9a-f]{7}' > out.txt",
    'match x { Some(0..=9) => println!("{x:?}"), _ => {} }',
    "#include <stdio.h>\r\nint main(void) { return 0; }\r\n",
    "https://example.org/a_b?q=%20x&y=~1#frag",
    "C:\\Users\\x\\file.txt  /usr/local/bin",
    "'''\n\"\"\" ``` ~~~ --- === *** ___ ...",
]

NUMBERS = ["0", "7", "42", "365", "2024", "31415", "1000000", "3.14159", "-1e-9", "0xFF", "1,234.56", "½", "²³", "Ⅷ", "١٢", "③"]

CONTROL = [
    "<|begin_of_text|>",
    "<|eot_id|>",
    "<|im_start|>",
    "<|im_end|>",
    "<s>",
    "</s>",
    "<unk>",
    "[INST]",
    "<0x0A>",
    "<start_of_turn>",
]

SPACES = [
    " ",
    "  ",
    "   ",
    "\t",
    "\n",
    "\n\n",
    " \n",
    "\r\n",
    "\u00a0",
    "\u2003",
    "\u3000",
    "\u0085",
    "\u2028",
    "\u200b",
    "\ufeff",
    "▁",
    "\v",
]
"""White space by one definition or another."""

STRANGE = [
    "\u0000",
    "\u0007",
    "\u00ad",
    "\u200d",
    "\u202e",
    "e\u0301",
    "\u0301",
    "ﬁ",
    "Å",
    "\ue000",
    "\uffff",
    "\ufffd",
    "\U0010ffff",
    "Ǆ",
    "ß",
]

SCRIPTS = [(words.split(" "), RANGES[name]) for name, words in WORDS.items()]


def corpus(seed: int = 1, lines: int = LINES, made_up: float = 0.2) -> list[str]:
    """`lines` texts; the scripts come in turn, every fourth line mixes them. Another seed gives other lines.

    `made_up` is the share of words that are none: any characters of a script.
    """
    choose = random.Random(seed)
    return [_line(choose, index, made_up) for index in range(lines)]


def _line(choose: random.Random, index: int, made_up: float) -> str:
    kind = index % 4
    words, ranges = SCRIPTS[index // 4 % len(SCRIPTS)]
    parts: list[str] = []
    for _ in range(choose.randint(1, 10)):
        if kind == 1:
            words, ranges = choose.choice(SCRIPTS)
        parts.append(_made_up(choose, ranges) if choose.random() < made_up else choose.choice(words))
        draw = choose.random()
        if kind == 2 and draw < 0.5:
            parts.append(choose.choice(choose.choice([EMOJI, NUMBERS, SPACES, STRANGE, CONTROL])))
        elif kind == 3 and draw < 0.3:
            parts.append(choose.choice(CODE))
        elif draw < 0.15:
            parts.append(choose.choice([".", ",", "!", "?", ":", "…", "—", "(", ")", "«", "»", "'", '"']))
        parts.append("" if draw > 0.92 else choose.choice(SPACES) if kind == 2 else " ")
    text = "".join(parts)
    return text if kind == 2 else text.strip()


def _made_up(choose: random.Random, ranges: str) -> str:
    """A word of any characters of a script, now and then with symbols."""
    pairs = [ranges[at : at + 3] for at in range(0, len(ranges), 3)]
    symbols = [SYMBOLS[at : at + 3] for at in range(0, len(SYMBOLS), 3)]
    word = []
    for _ in range(choose.randint(1, 6)):
        first, _, last = choose.choice(symbols if choose.random() < 0.15 else pairs)
        word.append(chr(choose.randint(ord(first), ord(last))))
    return "".join(word)
