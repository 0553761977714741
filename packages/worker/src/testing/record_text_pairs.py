"""Records what Python's tokenizers make of pairs of texts into text-pairs.ts:

    pip install tokenizers==0.23.3
    python record_text_pairs.py

One small vocabulary under the templates of the families of models that take pairs.
"""

import json
from pathlib import Path

from tokenizers import Tokenizer

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
WORDS = ["how", "late", "is", "the", "parcel", "it", "came", "on", "monday", "refund", "?", ".", "##s", "##ed"]
LETTERS = list("abcdefghijklmnopqrstuvwxyz")
VOCABULARY = SPECIAL + WORDS + LETTERS + ["##" + letter for letter in LETTERS]


def piece(name, type_id):
    return {"SpecialToken": {"id": name, "type_id": type_id}}


def sequence(name, type_id):
    return {"Sequence": {"id": name, "type_id": type_id}}


TEMPLATES = {
    # BERT, MiniLM, BGE rerankers of that family: the second text is of type 1.
    "bert": {
        "type": "TemplateProcessing",
        "single": [piece("[CLS]", 0), sequence("A", 0), piece("[SEP]", 0)],
        "pair": [piece("[CLS]", 0), sequence("A", 0), piece("[SEP]", 0), sequence("B", 1), piece("[SEP]", 1)],
        "special_tokens": {
            name: {"id": name, "ids": [SPECIAL.index(name)], "tokens": [name]} for name in ("[CLS]", "[SEP]")
        },
    },
    # RoBERTa, XLM-R and their rerankers: two separators, all of type 0.
    "roberta": {
        "type": "RobertaProcessing",
        "sep": ["[SEP]", 3],
        "cls": ["[CLS]", 2],
        "trim_offsets": False,
        "add_prefix_space": False,
    },
    # Nothing between the texts.
    "none": None,
}

PAIRS = [
    ["how late is the parcel?", "the parcel came on monday."],
    ["", ""],
    ["", "it came"],
    ["refunds", ""],
    ["how late is it?", "it is late. " * 12],
    ["it is late. " * 12, "how late is it?"],
    ["the parcel " * 9, "the refund " * 9],
    ["the parcel " * 5 + "is", "the refund " * 5],
    ["?", "?"],
    ["[SEP] parcel", "[CLS] [PAD] unknownwordwithoutend"],
    ["Zürich – späte Lieferung", "\u202eשלום 👨‍👩‍👧 parcel"],
    ["a\u0000b", "\ud7ff\ufeffx" + "y" * 120],
]
LENGTHS = [5, 6, 7, 8, 17, 64]


def content(processor):
    return json.dumps(
        {
            "version": "1.0",
            "truncation": None,
            "padding": None,
            "added_tokens": [
                {
                    "id": at,
                    "content": name,
                    "single_word": False,
                    "lstrip": False,
                    "rstrip": False,
                    "normalized": False,
                    "special": True,
                }
                for at, name in enumerate(SPECIAL)
            ],
            "normalizer": {
                "type": "BertNormalizer",
                "clean_text": True,
                "handle_chinese_chars": True,
                "strip_accents": None,
                "lowercase": True,
            },
            "pre_tokenizer": {"type": "BertPreTokenizer"},
            "post_processor": processor,
            "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
            "model": {
                "type": "WordPiece",
                "unk_token": "[UNK]",
                "continuing_subword_prefix": "##",
                "max_input_chars_per_word": 100,
                "vocab": {name: at for at, name in enumerate(VOCABULARY)},
            },
        }
    )


def record(tokenizer, length):
    tokenizer.enable_truncation(max_length=length, strategy="longest_first")
    encodings = tokenizer.encode_batch([tuple(pair) for pair in PAIRS])
    return [
        f"{spaced(one.ids)} | {spaced(one.type_ids)} | {'cut' if one.overflowing else 'whole'}" for one in encodings
    ]


def spaced(numbers):
    return " ".join(map(str, numbers))


families = {}
for name, processor in TEMPLATES.items():
    text = content(processor)
    tokenizer = Tokenizer.from_str(text)
    families[name] = {"tokenizer": text, "rows": {length: record(tokenizer, length) for length in LENGTHS}}
target = Path(__file__).with_name("text-pairs.ts")
target.write_text(
    f"""/**
 * What Python's tokenizers made of pairs of texts (record_text_pairs.py): for each family of models its
 * tokenizer, and by the most tokens the ids and the types of each pair, and whether it was cut.
 */
export const textPairs: readonly (readonly [string, string])[] = {json.dumps(PAIRS)};

export interface RecordedPairs {{
  readonly tokenizer: string;
  readonly rows: Readonly<Record<number, readonly string[]>>;
}}

export const recordedPairs: Readonly<Record<'bert' | 'roberta' | 'none', RecordedPairs>> = {json.dumps(families)};
"""
)
