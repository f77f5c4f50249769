"""Why a picture as a whole cannot be read, and what to do."""

from songhe.core.problem import Problem


class Unreadable(Exception):
    """The picture as a whole cannot be read; `problem` says why and what to do."""

    def __init__(self, problem: Problem):
        super().__init__(problem.zh)
        self.problem = problem
        self.code, self.zh, self.en = problem.code, problem.zh, problem.en


NO_PICTURE = Problem(
    "sheet_no_picture",
    "这不是能读的图片。请上传手机照片（JPG）或扫描件（PNG、PDF）。",
    "This is no picture that can be read. Upload a photograph (JPG) or a scan (PNG, PDF).",
)
NO_READER = Problem(
    "sheet_no_reader",
    "本机没有安装识读组件（opencv-python-headless），不能读照片。请用键盘录入，或请系统管理员运行 make setup。",
    "What reads pictures (opencv-python-headless) is not installed here. Type the sheet, or ask for `make setup`.",
)
TOO_LARGE = Problem(
    "sheet_too_large",
    "图片超过 6000 万像素。请用普通画质重新拍一张。",
    "The picture has more than 60 million pixels. Take it again at the usual quality.",
)
MANY_PAGES = Problem(
    "sheet_many_pages", "文件超过 60 页。请分开上传。", "The file has more than 60 pages. Upload it in parts."
)
TOO_SMALL = Problem(
    "sheet_too_small",
    "照片里的纸单太小，格子看不清。请靠近些，让整张纸占满画面再拍。",
    "The sheet is too small in the picture to see its boxes. Go nearer so that the paper fills the picture.",
)
NO_CORNERS = Problem(
    "sheet_no_corners",
    "找不到纸单四角的黑色方块（至少要看到三个）。请把整张纸拍进去，不要遮住四角。",
    "The black squares at the sheet's corners were not found (three are needed). Take the whole sheet, corners uncovered.",
)
BENT = Problem(
    "sheet_bent",
    "纸张弯折太厉害，格子对不上。请把纸压平再拍。",
    "The paper is bent too much for the boxes to fit. Lay it flat and take it again.",
)
BLURRED = Problem(
    "sheet_blurred",
    "照片太模糊，格子的边框都看不清。请对好焦、拿稳再拍一张。",
    "The picture is too blurred to see the frames of the boxes. Focus, hold still and take it again.",
)
NO_BOXES = Problem(
    "sheet_no_boxes",
    "四角找到了，但看不到格子。请确认是本系统打印的探访纸单。",
    "The corners are there but no boxes. Make sure this is a visiting sheet printed by this system.",
)
