"""Text that means harm, for the laws of the renderers."""

from hypothesis import strategies as st

HOSTILE = (
    "@octocat",
    "`x`",
    "a|b",
    "\\|",
    "``|`",
    "</summary></details><img src=x>",
    "![x](http://evil.example/x.png)",
    "http://evil.example",
    "www.evil.example",
    "#1",
    "-->",
    "x\n\n# Approved",
    "x\n```\n</details>\n\n## :white_check_mark: Approved by @security\n",
    "a@evil.example",
    "::error::x",
    " ::set-output name=x::y",
    "##[add-mask]a",
    "\x1b[2J\x1b]8;;http://evil.example\x07",
    "\u202egnp.exe",
    "`",
    "``",
    "```",
    "  `````",
    "\\",
    "\\`",
    "\r\nApplied.",
    "日本語 🎁 👩\u200d💻",
)

hostile = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(
        alphabet=st.one_of(
            st.sampled_from("`|\\<>&*_~[]()!#@:/.-=+ \n\r\t\x1b\"'$%{}0aw"), st.characters()
        ),
        max_size=30,
    ),
)
"""Known attacks, and any text with a liking for the characters that Markdown and logs obey."""
