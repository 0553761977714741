"""Records what Python's tokenizers make of texts in many scripts into recorded-texts.ts:

    pip install tokenizers==0.23.3
    python record_texts.py

One small tokenizer of each kind that models have: WordPiece, byte-level BPE and Unigram, the latter two
trained on the texts themselves.
"""

import json
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

TEXTS = [
    "",
    " ",
    "The parcel came two days late.",
    "Zürich – späte Lieferung, naïve façade, Ångström",
    "Zu\u0308rich de\u0301compose\u0301",
    "посылка опоздала на два дня",
    "το δέμα άργησε",
    "החבילה איחרה ביומיים",
    "تأخر الطرد يومين",
    "\u202eright to left override\u202c and \u200fmarks\u200e",
    "पार्सल दो दिन देर से आया",
    "พัสดุมาช้าสองวัน",
    "荷物が二日遅れて届きました。ｶﾀｶﾅ",
    "包裹晚了两天。龍龘",
    "소포가 이틀 늦었어요 \u1112\u1161\u11ab",
    "👍 👨‍👩‍👧 🏳️‍🌈 ✊🏿 🇨🇭",
    "x" * 120,
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
    "a\u0000b\u0001c\u007fd\u0085e",
    "tab\tnew\nline\r\nno\u00a0break\u2003em\u200bzero\ufeffbom",
    "\ufffd \ue000 \U0001f9ff \U0010ffff",
    "1,234.56 € ½ ² Ⅷ ﬁ ﷺ",
    "[CLS] [SEP] [PAD] <s> </s> ##x ▁y",
    "don't can't I'm we'll 'quoted' \"double\" `tick`",
    "https://example.com/a?b=c&d=%20#e_f user@example.org",
    "i̇ İ ı ß ẞ ς Σ",
]
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]


def word_piece():
    characters = sorted({c for text in TEXTS for c in text.lower() if not c.isspace()})
    vocabulary = [*SPECIAL, "the", "parcel", "late", "##s", *characters, *("##" + c for c in characters)]
    tokenizer = Tokenizer(
        models.WordPiece({token: id for id, token in enumerate(vocabulary)}, unk_token="[UNK]")
    )
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.add_special_tokens(SPECIAL)
    return tokenizer


def byte_pairs():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.post_processor = processors.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    tokenizer.train_from_iterator(
        TEXTS,
        trainers.BpeTrainer(vocab_size=320, initial_alphabet=alphabet, special_tokens=SPECIAL, show_progress=False),
    )
    return tokenizer


def unigram():
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace("  ", " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.train_from_iterator(
        TEXTS, trainers.UnigramTrainer(vocab_size=260, unk_token="[UNK]", special_tokens=SPECIAL, show_progress=False)
    )
    return tokenizer


def typescript(value):
    # ASCII alone, and single quotes, as the formatter has them.
    return "'" + json.dumps(value)[1:-1].replace('\\"', '"').replace("'", "\\'") + "'"


def record(name, tokenizer):
    rows = [typescript(" ".join(map(str, tokenizer.encode(text).ids))) for text in TEXTS]
    return f"  {name}: {{\n    tokenizer: {typescript(tokenizer.to_str())},\n    rows: [\n      " + (
        ",\n      ".join(rows) + ",\n    ],\n  },\n"
    )


KINDS = {"wordPiece": word_piece(), "bytePairs": byte_pairs(), "unigram": unigram()}
Path(__file__).with_name("recorded-texts.ts").write_text(
    "/** Texts in many scripts, with whatever is hard for a tokenizer (record_texts.py). */\n"
    "export const recordedTexts: readonly string[] = [\n"
    + "".join(f"  {typescript(text)},\n" for text in TEXTS)
    + "];\n\n/** A tokenizer of each kind, and the ids that Python's tokenizers made of each text. */\n"
    "export const recordedTokens = {\n"
    + "".join(record(name, tokenizer) for name, tokenizer in KINDS.items())
    + "} as const;\n"
)
