"""Type faces of GB/T 9704-2012 by their official names, then what stands in for them where a city has not bought them."""

# What Word is told. A machine without the face substitutes; the name stays right for the one that has it.
SONG_TITLE = "方正小标宋简体"
FANG_SONG = "仿宋_GB2312"
KAI = "楷体_GB2312"
HEI = "黑体"
SONG = "宋体"
LATIN = "Times New Roman"

# What the PDF looks for, in this order; Debian's free faces last (fonts-arphic-ukai, fonts-noto-cjk).
FAMILIES = {
    SONG_TITLE: (SONG_TITLE, "FZXiaoBiaoSong-B05S", "STZhongsong", "Noto Serif CJK SC"),
    FANG_SONG: (FANG_SONG, "仿宋", "FangSong_GB2312", "FangSong", "STFangsong", "Noto Serif CJK SC"),
    KAI: (KAI, "楷体", "KaiTi_GB2312", "KaiTi", "STKaiti", "AR PL UKai CN"),
    HEI: (HEI, "SimHei", "STHeiti", "Noto Sans CJK SC"),
    SONG: (SONG, "SimSun", "STSong", "Noto Serif CJK SC"),
}


def css(face: str) -> str:
    """The font-family list of a face."""
    return ", ".join(f'"{name}"' for name in FAMILIES[face])
