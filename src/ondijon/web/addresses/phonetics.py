"""How a French word sounds, in few letters: words that sound alike get codes that are alike."""

import re

# In this order. Capitals are sounds that no single letter writes: U ou, E eu, N in, A an, O on, H ch, G gn, W oi.
_RULES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"^mc", "mak"),
        (r"ph", "f"),
        (r"ch(?=[lrtn])", "k"),
        (r"sch|sh|ch", "H"),
        (r"gn", "G"),
        (r"[eai]ll?(?=i[ae])|ill(?=e|a|o|i|$)|[ae]il(?=$|l)", "y"),
        (r"ss", "S"),
        (r"(.)\1+", r"\1"),
        (r"qu|ck|cqu|cq|q", "k"),
        (r"gu(?=[eiy])", "g"),
        (r"g(?=[eiy])", "j"),
        (r"sc(?=[eiy])|c(?=[eiy])", "s"),
        (r"c", "k"),
        (r"th", "t"),
        (r"h", ""),
        (r"w", "v"),
        (r"eaux?|aux?|ault$|auld$|aud$|aut$|ot$|os$|op$", "o"),
        (r"oeu|eu", "E"),
        (r"oe", "e"),
        (r"oin", "WN"),
        (r"oi|oy", "W"),
        (r"ou", "U"),
        (r"(?:ain|ein|aim|yn|ym|in|im|un|um)(?![aeiouynmUEW])", "N"),
        (r"ien$", "iN"),
        (r"(?:an|am|en|em)(?![aeiouynmUEW])", "A"),
        (r"(?:on|om)(?![aeiouynmUEW])", "O"),
        (r"ai|ei|ay|ey", "e"),
        (r"(?:er|ez|et|ed|es|ee|ees)$", "e"),
        (r"y", "i"),
        (r"[xzS]", "s"),
        (r"(?<=..)[tdspxz]+$", ""),
        (r"(?<=..)e$", ""),
        (r"ks|ss", "s"),
    )
)


def sound_of(word: str) -> str:
    """The code of a folded word; what is no letter stays as it is."""
    for pattern, sound in _RULES:
        word = pattern.sub(sound, word)
    return word
