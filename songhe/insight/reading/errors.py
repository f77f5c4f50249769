"""What reading refuses, in both languages. A refused file leaves nothing behind: everything is read in memory."""

MESSAGES = {
    "empty": (
        "文件里没有文字。请换一份有文字的文件,或把正文粘贴进来。",
        "The file holds no text. Use a file with text, or paste the text.",
    ),
    "too_big": (
        "文件超过 {limit},没有读取。请拆分,或只留正文和附表。",
        "The file is larger than {limit} and was not read. Split it, or keep only the text and its tables.",
    ),
    "too_long": (
        "文字超过 {limit} 字,不像一份通知,没有读取。请只留正文和附表。",
        "The text is longer than {limit} characters and was not read. Keep only the text and its tables.",
    ),
    "not_text": (
        "这不是文字文件,或编码已损坏,没有读取。请另存为 UTF-8 文本、.docx 或 .pdf 后再试。",
        "This is not text, or its encoding is broken. Save it as UTF-8 text, .docx or .pdf and try again.",
    ),
    "no_chinese": (
        "没有找到中文正文,没有读取。请确认选对了文件。",
        "No Chinese text was found. Check that this is the right file.",
    ),
    "unknown_type": (
        "不认识的文件类型“{kind}”。可以读 .txt、.html、.docx、.pdf,或直接粘贴文字。",
        "Unknown file type “{kind}”. Songhe reads .txt, .html, .docx, .pdf and pasted text.",
    ),
    "old_word": (
        "这是旧的 .doc、.xls 或 .wps 文件,没有读取。请另存为 .docx 后再试。",
        "This is an old .doc, .xls or .wps file. Save it as .docx and try again.",
    ),
    "bad_docx": (
        ".docx 文件已损坏或不完整,没有读取。请用文字处理软件重新保存。",
        "The .docx file is broken or incomplete. Save it again with a word processor.",
    ),
    "zip_bomb": (
        "压缩文件展开后异常巨大,可能有害,没有读取。请向发来文件的人核实。",
        "The file unpacks to an abnormal size and may be harmful. Check with whoever sent it.",
    ),
    "bad_pdf": ("PDF 已损坏,没有读取。请重新下载或重新导出。", "The PDF is broken. Download or export it again."),
    "encrypted_pdf": (
        "PDF 有密码,没有读取。请先去掉密码再试。",
        "The PDF is protected by a password. Remove the password and try again.",
    ),
    "active_pdf": (
        "PDF 里有脚本或启动动作,没有读取。请另存为不带脚本的 PDF,或粘贴文字。",
        "The PDF carries a script or a launch action. Save a copy without it, or paste the text.",
    ),
    "scanned_pdf": (
        "PDF 只有图片没有文字,没有读取。请换一份可以选中文字的 PDF。",
        "The PDF holds pictures only. Use a PDF whose text can be selected.",
    ),
    "too_many_pages": (
        "PDF 超过 {limit} 页,没有读取。请只留正文和附表。",
        "The PDF has more than {limit} pages. Keep only the text and its tables.",
    ),
    "blocked": (
        "还有 {count} 条提醒没有答复:{ids}。请逐条处理后再生成方案。",
        "{count} warnings are unanswered: {ids}. Answer each before the programme is made.",
    ),
    "no_items": (
        "没有可用的条目,不能生成方案。请至少接受一条。",
        "No item was accepted, so no programme can be made. Accept at least one.",
    ),
    "bad_decision": (
        "决定“{key}”不认识。可用:accept、correct、merge、reject。",
        "Decision “{key}” is not known. Use accept, correct, merge or reject.",
    ),
}


class ReadingError(ValueError):
    """A file or a decision that cannot be used. `code` is stable; `zh` and `en` are for people."""

    def __init__(self, code: str, **facts: object) -> None:
        """Fill the message of `code` with `facts`."""
        zh, en = MESSAGES[code]
        self.code, self.facts = code, facts
        self.zh, self.en = zh.format(**facts), en.format(**facts)
        super().__init__(f"{self.zh} / {self.en}")
