"""What French callers and street signs shorten, number and leave out."""

# Kinds of street, each under the spellings that people and files give it (folded: no accents, lower case).
KINDS: dict[str, tuple[str, ...]] = {
    "allee": ("all", "al", "allee", "allees"),
    "autoroute": ("aut", "auto"),
    "avenue": ("av", "ave", "aven", "avn"),
    "bassin": (),
    "boulevard": ("bd", "bld", "bvd", "blvd", "boul", "boulv", "bould"),
    "carrefour": ("car", "carf", "crf", "carr"),
    "chemin": ("ch", "che", "chem", "cmin"),
    "cite": (),
    "clos": (),
    "cour": (),
    "cours": ("crs",),
    "descente": (),
    "enclos": (),
    "espace": ("espa",),
    "esplanade": ("esp", "espl"),
    "faubourg": ("fbg", "fg", "fb", "faub", "fbourg"),
    "grandrue": ("gr",),
    "hameau": ("ham",),
    "impasse": ("imp", "impas"),
    "jardin": ("jard",),
    "lotissement": ("lot",),
    "mail": (),
    "montee": ("mte",),
    "parc": (),
    "parking": ("pkg",),
    "parvis": ("prv",),
    "passage": ("pas", "pass", "psg"),
    "passerelle": ("passer",),
    "place": ("pl", "plc", "pce"),
    "placette": (),
    "plan": (),
    "pont": (),
    "promenade": ("prom",),
    "quai": ("q", "qu"),
    "quartier": ("qua", "quart"),
    "rambla": (),
    "residence": ("res",),
    "rondpoint": ("rpt", "rp", "rdpt"),
    "route": ("rte", "rt", "rout"),
    "rue": ("r", "ru"),
    "ruelle": ("rle",),
    "sentier": ("sen", "sent"),
    "square": ("sq", "squ", "sqr"),
    "traverse": ("tra",),
    "tunnel": ("tun",),
    "venelle": ("ven",),
    "viaduc": ("viad",),
    "villa": (),
    "voie": (),
}

# Words inside names.
SHORTENED: dict[str, tuple[str, ...]] = {
    "abbe": ("ab",),
    "adjudant": ("adj",),
    "amiral": ("am",),
    "capitaine": ("cap", "cne", "cpt", "capt"),
    "chanoine": ("cha", "chan"),
    "chateau": ("cht", "chat"),
    "colonel": ("col", "cel"),
    "commandant": ("cdt", "com", "cmdt", "comdt"),
    "comte": ("cte",),
    "docteur": ("dr", "doct", "doc"),
    "eglise": ("egl",),
    "fontaine": ("font",),
    "francois": ("fcois",),
    "general": ("gal", "gen", "gl", "gral"),
    "grand": ("gd",),
    "grande": ("gde",),
    "ingenieur": ("ing",),
    "lieutenant": ("lt", "ltn", "lieut"),
    "madame": ("mme",),
    "mademoiselle": ("mlle",),
    "maitre": ("me",),
    "marechal": ("mal", "mar", "mchal", "mal"),
    "monseigneur": ("mgr",),
    "monsieur": ("mr",),
    "petit": ("pt",),
    "petite": ("pte",),
    "premier": (),
    "president": ("pdt", "pres", "prdt"),
    "professeur": ("pr", "prof", "prf"),
    "regiment": ("rgt",),
    "saint": ("st",),
    "sainte": ("ste",),
    "sergent": ("sgt",),
    "soeur": ("sr",),
    "vieille": ("vle",),
    "vieux": ("vx",),
}

# Words that tie others together and are swallowed in speech.
ARTICLES = frozenset("a au aux d de del des dit du en et l la las le les lez sur".split())

# What surrounds an address in a sentence; it counts only where a street really has it in its name.
AROUND = frozenset(
    """adresse alentours alors angle apres avant avec bah ben bon bonjour bout bref c ca ce cest chez coin cote
    croisement dans debut derriere devant dire dit donc du entre environ est euh face fin hauteur heu ici ils il
    intersection je jonction juste long l monsieur madame moi n niveau no nous num numero nr on oppose oui par pas
    plait pour pres proche proximite que quoi rencontre s se situe sous suis sur svp tout un une vers voila vous
    y""".split()
)

# Phrases that lead to an address (folded, links included).
PHRASES = (
    r"\ba (?:la )?(?:cote|hauteur)(?= (?:de|du|des|d|l)\b)|\ba cote(?= \d)",
    r"\b(?:en|juste en|d) face(?= (?:de|du|des|d|au|a)\b)|\bface(?= (?:au|a)\b)",
    r"\b(?:au|vers le) (?:niveau|bout|debut|milieu|fond)(?= (?:de|du|des|d)\b)",
    r"\b(?:tout |juste )?(?:pres|apres|avant|devant|derriere)(?= (?:de|du|des|d|le|la|les|l)\b)",
    r"\b(?:a l )?entree(?= (?:de|du|des)\b)",
)
# Articles that typing glues to the word after them.
GLUED = ("dela", "des", "del", "du", "de", "la", "le", "les", "aux", "d", "l")

# Said of two streets that meet.
CROSSING = frozenset("angle coin croisement intersection jonction rencontre carrefour".split())
BETWEEN = frozenset(("/", "et", "avec", "x"))

UNITS: dict[str, int] = {
    word: value
    for value, words in enumerate(
        """zero|un une|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize""".split(
            "|"
        )
    )
    for word in words.split()
}
TENS = {"vingt": 20, "vingts": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60}
TENS |= {"septante": 70, "huitante": 80, "octante": 80, "nonante": 90}
ORDINALS = {
    "premier": "un",
    "premiere": "un",
    "unieme": "un",
    "deuxieme": "deux",
    "troisieme": "trois",
    "quatrieme": "quatre",
    "cinquieme": "cinq",
    "sixieme": "six",
    "septieme": "sept",
    "huitieme": "huit",
    "neuvieme": "neuf",
    "dixieme": "dix",
}
ROMAN = {
    name: str(value)
    for value, name in enumerate(
        "ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi xvii xviii xix xx xxi xxii xxiii".split(), start=2
    )
}
# Suffixes of house numbers, each with what else is said or written for it.
SUFFIXES = {
    "bis": "bis",
    "b": "b",
    "ter": "ter",
    "t": "ter",
    "quater": "quater",
    "qua": "quater",
    "quatter": "quater",
    "qte": "quinquies",
    "quinquies": "quinquies",
    "a": "a",
    "c": "c",
    "d": "d",
    "e": "e",
    "f": "f",
    "g": "g",
}
# One is written for the other.
SAME_SUFFIX = {"bis": "b", "b": "bis"}


def _spellings() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for table in (KINDS, SHORTENED):
        for word, shorts in table.items():
            for short in shorts:
                found.setdefault(short, []).append(word)
    return {short: tuple(words) for short, words in found.items()}


MEANT = _spellings()
KIND_WORDS = frozenset(KINDS) | frozenset(short for shorts in KINDS.values() for short in shorts)
