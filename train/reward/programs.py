"""Extracts the program from a policy's reply, by modality."""

from __future__ import annotations

from policies.extract import extract_code
from records.errors import PolicyReplyError
from records.taxonomy import Language, Modality

LANGUAGES = {
    Modality.CHART: (Language.PYTHON,),
    Modality.TABLE: (Language.HTML, Language.MARKDOWN),
    Modality.SVG: (Language.SVG,),
}
"""Languages that a policy may write; the first is the requested one."""


def program_in(reply: str, modality: Modality) -> tuple[str, Language]:
    """The program of a reply and its language, by `policies.extract`.

    Raises:
        PolicyReplyError: there is none; the reason is that of the language asked for.

    >>> program_in("Here:\\n```python\\nplt.plot(x)\\n```", Modality.CHART)
    ('plt.plot(x)\\n', <Language.PYTHON: 'python'>)
    """
    asked, *others = LANGUAGES[modality]
    try:
        return extract_code(reply, asked), asked
    except PolicyReplyError:
        for language in others:
            try:
                return extract_code(reply, language), language
            except PolicyReplyError:
                continue
        raise


def language_of(code: str, modality: Modality) -> Language:
    """The language of a program that is known to be one of this modality.

    >>> language_of("| a |\\n|---|", Modality.TABLE), language_of("<table></table>", Modality.TABLE)
    (<Language.MARKDOWN: 'markdown'>, <Language.HTML: 'html'>)
    """
    if modality is Modality.TABLE and "<table" not in code.lower():
        return Language.MARKDOWN
    return LANGUAGES[modality][0]
