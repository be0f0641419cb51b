"""How well the words of a query fit each name: word by word in any order, by spelling and by sound."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from ondijon.web.addresses.phonetics import sound_of
from ondijon.web.addresses.vocabulary import GLUED, KINDS, ROMAN
from ondijon.web.addresses.words import Word, split_words

Scores = NDArray[np.float32]

KIND_WEIGHT = 0.3
LEAST_WEIGHT = 0.35
UNKNOWN_WEIGHT = 0.7
NOTICED = 0.42  # two words less alike than this have nothing to do with each other
SOUND_SHARE = 0.86
ANSWERED_SHARE = 0.66  # of the query's words that the name answers, against the name's words that were asked
PREFIX, SHORT_PREFIX = 0.82, 0.75
INITIAL = 0.75
UNGLUED = 0.95  # the word without an article that may be stuck to it
WHOLE_NOTICED, WHOLE_SHARE, WHOLE_KIND = 0.55, 0.9, 0.06


class NameMatcher:
    """All names that may be meant, ready to be compared with any query."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = [_words_of(name) for name in names]
        vocabulary = dict.fromkeys(text for words in self._names for text in words)
        self._place = {text: place for place, text in enumerate(vocabulary)}
        self._texts = list(vocabulary)
        self._sounds = [sound_of(text) for text in self._texts]
        self._is_number = np.array([text.isdigit() for text in self._texts], np.bool_)
        self._initials = np.array([ord(text[0]) for text in self._texts], np.int64)
        self._weights = self._weigh()
        longest = max((len(words) for words in self._names), default=1)
        self._table = np.full((len(self._names), longest), len(self._texts), np.int64)
        for row, words in enumerate(self._names):
            self._table[row, : len(words)] = [self._place[text] for text in words]
        padded = np.append(self._weights, np.float32(0.0))
        self._name_weights = padded[self._table]
        self._name_totals = np.maximum(self._name_weights.sum(axis=1), np.float32(1e-6))
        kinds = [next((text for text in words if text in KINDS), "") for words in self._names]
        self._kind_of = np.array([self._place.get(kind, -1) for kind in kinds], np.int64)
        self._compact = [
            "".join(text for text in words if text not in KINDS) or "".join(words) for words in self._names
        ]
        self._compact_sounds = [sound_of(text) for text in self._compact]

    def __len__(self) -> int:
        return len(self._names)

    def _weigh(self) -> Scores:
        """Rare words tell more: log of the share of names that have them, kinds of street little."""
        counts = np.zeros(len(self._texts))
        for words in self._names:
            for text in set(words):
                counts[self._place[text]] += 1
        rarity = np.log(len(self._names) / np.maximum(counts, 1)) / np.log(max(len(self._names), 2))
        weights: Scores = np.clip(rarity, LEAST_WEIGHT, 1.0).astype(np.float32)
        for row, text in enumerate(self._texts):
            if text in KINDS:
                weights[row] = KIND_WEIGHT
        return weights

    def compare(self, words: Sequence[Word]) -> "Comparison":
        """Compare every word of a query with every word of every name."""
        alike = np.zeros((len(words), len(self._texts) + 1), np.float32)
        for row, word in enumerate(words):
            alike[row, :-1] = self._alike(word, is_last=row == len(words) - 1)
        return Comparison(self, words, alike)

    def _alike(self, word: Word, *, is_last: bool) -> Scores:
        result = np.zeros(len(self._texts), np.float32)
        for form in word.forms:
            np.maximum(result, self._alike_form(form, is_last=is_last), out=result)
        if word.text not in self._place and word.number is None:
            for bare in _unglued(word.text):
                np.maximum(result, UNGLUED * self._alike_form(bare, is_last=False), out=result)
        return result

    def _alike_form(self, form: str, *, is_last: bool) -> Scores:
        exact = self._place.get(form)
        if form.isdigit() or len(form) == 1:
            result = np.zeros(len(self._texts), np.float32)
            if len(form) == 1 and not form.isdigit():
                result[self._initials == ord(form)] = INITIAL
        else:
            spelled = process.cdist([form], self._texts, scorer=OSA.normalized_similarity, dtype=np.float32)[0]
            sounded = process.cdist([sound_of(form)], self._sounds, scorer=OSA.normalized_similarity, dtype=np.float32)[
                0
            ]
            result = np.maximum(spelled, SOUND_SHARE * sounded + (1 - SOUND_SHARE) * spelled)
            result[self._is_number] = 0.0
            if len(form) <= 3:
                result[result < 0.6] = 0.0
            if is_last and len(form) >= 3:
                begins = [place for place, text in enumerate(self._texts) if text.startswith(form)]
                result[begins] = np.maximum(result[begins], PREFIX if len(form) > 3 else SHORT_PREFIX)
        telling: Scores = np.clip((result - NOTICED) / (1 - NOTICED), 0.0, 1.0).astype(np.float32)
        if exact is not None:
            telling[exact] = 1.0
        return telling


class Comparison:
    """One query against all names; scores any choice of its words."""

    def __init__(self, matcher: NameMatcher, words: Sequence[Word], alike: Scores) -> None:
        self._matcher = matcher
        self._words = words
        self._alike = alike
        spread = alike[:, matcher._table]  # the last column, for no word, stays 0
        self._best = spread.max(axis=2) if len(words) else np.zeros((0, len(matcher)), np.float32)
        self._spread = spread
        self._weights = np.array([self._weigh(row, alike[row]) for row in range(len(words))], np.float32)
        self._known: dict[tuple[int, ...], Scores] = {}

    def _weigh(self, row: int, alike: Scores) -> float:
        """What a word of the query tells: as much as the name's word that it is most like."""
        word = self._words[row]
        if word.is_link or word.text == "/":
            return 0.0
        nearest = int(np.argmax(alike))
        if alike[nearest] < 0.5:
            return UNKNOWN_WEIGHT
        return float(self._matcher._weights[nearest])

    def score(self, chosen: tuple[int, ...]) -> Scores:
        """How well these words (by their places) fit each name, 0 to 1."""
        found = self._known.get(chosen)
        if found is None:
            found = self._known[chosen] = self._score(list(chosen))
        return found

    def _score(self, chosen: list[int]) -> Scores:
        rows = [row for row in chosen if self._weights[row] > 0]
        if not rows:
            return np.zeros(len(self._matcher), np.float32)
        best, weights = self._best[rows], self._weights[rows, None]
        around = np.array([self._words[row].is_around for row in rows])[:, None]
        counted = np.where(around & (best < 0.9), np.float32(0.0), weights)
        answered = (best * counted).sum(axis=0) / np.maximum(counted.sum(axis=0), 1e-6)
        asked = (self._spread[rows].max(axis=0) * self._matcher._name_weights).sum(axis=1) / self._matcher._name_totals
        result: Scores = ANSWERED_SHARE * answered + (1 - ANSWERED_SHARE) * asked
        return np.maximum(result, self._score_whole(rows))

    def _score_whole(self, rows: Sequence[int]) -> Scores:
        """All telling words as one text, for words that were run together or fell apart."""
        kinds = [row for row in rows if self._words[row].is_kind]
        text = "".join(self._words[row].forms[0] for row in rows if row not in kinds and not self._words[row].is_around)
        if len(text) < 4:
            return np.zeros(len(self._matcher), np.float32)
        least = WHOLE_NOTICED * 100
        spelled = process.cdist([text], self._matcher._compact, scorer=fuzz.ratio, score_cutoff=least, dtype=np.float32)
        sounded = process.cdist(
            [sound_of(text)], self._matcher._compact_sounds, scorer=fuzz.ratio, score_cutoff=least, dtype=np.float32
        )
        whole = np.maximum(spelled[0], SOUND_SHARE * sounded[0] + (1 - SOUND_SHARE) * spelled[0]) / 100
        same_kind = self._best_kind(kinds)
        telling = np.clip((whole - WHOLE_NOTICED) / (1 - WHOLE_NOTICED), 0.0, 1.0)
        result: Scores = (telling * WHOLE_SHARE + WHOLE_KIND * same_kind).astype(np.float32)
        return result

    def _best_kind(self, kinds: Sequence[int]) -> Scores:
        """How alike the kind of street said is to each name's own."""
        if not kinds:
            return np.zeros(len(self._matcher), np.float32)
        result: Scores = self._alike[kinds].max(axis=0)[self._matcher._kind_of]
        return result


def _unglued(text: str) -> list[str]:
    return [text[len(article) :] for article in GLUED if text.startswith(article) and len(text) >= len(article) + 3][:2]


def _words_of(name: str) -> list[str]:
    """The words of a name that tell it apart; roman numerals as digits."""
    words = [word for word in split_words(name) if not word.is_between]
    telling = [word for word in words if not word.is_link] or words
    return [ROMAN.get(word.text, word.forms[0]) for word in telling]
