"""Surnames and how they are read: the readings that dictionaries and collations get wrong are right here.

Each entry is "reading characters"; a surname's own reading, without tones, ü written v as it is typed. ALSO holds the other
readings people type when they do not know the surname's own one (单 is shan, many type dan); nothing else gets a second
reading. Written from general knowledge of the Chinese surname stock; a city may send a correction for a local surname.
"""

_SINGLE = """
a 阿 · ai 艾 · an 安 · ao 敖 · ba 巴 · bai 柏白 · ban 班 · bao 鲍包暴 · bei 贝 · ben 贲 · bi 毕秘闭 · bian 卞边
bie 别 · bing 邴 · bo 薄 · bu 卜步布 · cai 蔡 · cang 苍 · cao 曹 · cen 岑 · chai 柴 · chang 昌常 · chao 晁巢
che 车 · chen 陈谌 · cheng 成程晟 · chi 池迟 · chong 充种 · chu 褚储初 · chuai 揣 · cong 从 · cui 崔 · da 达 · dai 戴代
dan 但 · dang 党 · dao 刀 · deng 邓 · di 狄邸底 · diao 刁 · ding 丁 · dong 董东 · dou 窦 · du 杜堵都督 · duan 段
e 鄂 · fan 范樊 · fang 方房 · fei 费 · feng 冯凤酆封丰奉 · fu 傅伏富符扶付苻 · gan 干甘 · gao 高郜 · ge 葛戈盖 · geng 耿
gong 龚弓宫贡巩公 · gou 勾苟缑句 · gu 顾谷古辜 · guan 管关 · guang 广 · gui 桂 · guo 郭国果呙 · ha 哈 · hai 海 · han 韩罕
hang 杭 · hao 郝 · he 何贺和黑 · heng 衡 · hong 洪弘红 · hou 侯后郈 · hu 胡扈虎 · hua 华花滑 · huai 怀 · huan 宦桓
huang 黄 · hui 惠 · huo 霍 · ji 计纪季吉嵇汲蓟籍姬冀暨 · jia 贾家郏 · jian 简蹇 · jiang 蒋姜江 · jiao 焦教矫 · jie 揭接
jin 金靳 · jing 经井景荆 · ju 居鞠 · jue 角 · kan 阚 · kang 康亢 · ke 柯 · kong 孔空 · kou 寇 · kuai 蒯 · kuang 匡况旷
kui 夔 · lai 赖 · lan 蓝 · lang 郎朗 · lao 劳 · lei 雷 · leng 冷 · li 李厉黎郦利 · lian 廉连 · liang 梁 · liao 廖
lin 林蔺 · ling 凌 · liu 柳刘 · long 龙隆 · lou 娄 · lu 鲁路卢陆禄逯鹿 · luan 栾 · luo 罗骆雒 · lv 吕 · ma 马麻 · mai 麦
man 满 · mao 毛茅 · mei 梅 · meng 孟蒙 · mi 米糜宓 · miao 苗缪 · min 闵 · ming 明 · mo 莫墨 · mou 牟 · mu 穆牧慕沐母
na 那 · nai 佴 · neng 能 · ni 倪 · nian 年 · nie 聂乜 · ning 宁甯 · niu 钮牛 · nong 农 · ou 欧区 · pan 潘
pang 庞逄逢 · pei 裴 · peng 彭蓬 · pi 皮 · piao 朴 · ping 平 · po 繁 · pu 蒲濮浦普 · qi 戚齐祁亓 · qian 钱 · qiang 强
qiao 乔谯 · qie 郄 · qin 秦覃琴 · qiu 邱裘秋仇丘 · qu 屈曲璩瞿 · quan 全权 · que 却阙 · ran 冉 · rao 饶 · re 热 · ren 任
rong 荣戎容融 · ru 茹 · ruan 阮 · rui 芮 · sa 撒 · sang 桑 · se 色 · sha 沙 · shan 单山 · shang 尚商 · shao 邵韶召
she 厍折佘 · shen 沈莘申慎 · sheng 盛 · shi 施史时石师 · shou 寿 · shu 舒束殳 · shuai 帅 · shuang 双 · shui 水 · si 司
song 宋松 · su 苏宿粟 · sui 眭 · sun 孙 · suo 索 · tai 邰 · tan 谈谭 · tang 唐汤 · tao 陶 · teng 滕 · tian 田
tong 童通仝佟 · tou 钭 · tu 屠 · tuo 庹 · wan 万 · wang 王汪 · wei 卫魏韦危隗蔚尉未 · wen 闻温文 · weng 翁 · wo 沃
wu 吴邬伍巫乌武毋 · xi 奚席郗习 · xia 夏 · xian 咸冼洗 · xiang 项向相 · xiao 萧肖 · xie 谢解 · xin 辛 · xing 邢幸行 · xiong 熊
xiu 修 · xu 许徐胥须 · xuan 宣禤 · xue 薛 · xun 荀郇 · yan 严颜燕晏阎闫岩 · yang 杨羊仰养阳 · yao 姚药幺么尧 · ye 叶冶
yi 羿伊易益衣矣依 · yin 殷尹印阴银 · ying 应 · yong 雍 · you 尤游有由 · yu 喻俞于余禹虞郁於鱼庾玉 · yuan 袁元苑原 · yue 乐越岳 · yun 云员
zai 宰 · zan 昝 · zang 臧 · zeng 曾 · zha 查 · zhai 翟祭 · zhan 湛詹战展占 · zhang 张章仉 · zhao 赵 · zhen 甄
zheng 郑 · zhi 支智 · zhong 钟仲终衷 · zhou 周 · zhu 朱祝诸竺 · zhuang 庄 · zhuo 卓 · zi 訾字 · zong 宗 · zou 邹
zu 祖 · zuo 左
"""

_ALSO = """
乐le 缪mou 解jie 单dan 隗kui 宓fu 郗chi 仇chou 薄bao 莘xin 翟di 都dou 阚han 曾ceng 查cha 盖gai 区qu 朴pu 覃tan 员yuan
种zhong 尉yu 折zhe 洗xi 召zhao 秘mi 繁fan 晟sheng 祭ji 黑hei 郄xi 逢feng 谌shen 郇huan 柏bo 牟mu 贲fei 费bi 岩ai 角jiao
么me 车ju 能nai 行hang 呙wo 卜bo 蔚yu 佴er 钭dou
"""

_COMPOUND = """
bai li 百里 · chan yu 单于 · chun yu 淳于 · di wu 第五 · dong fang 东方 · dong guo 东郭 · dong men 东门 · du gu 独孤
duan mu 端木 · gong liang 公良 · gong sun 公孙 · gong xi 公西 · gong yang 公羊 · gong ye 公冶 · gu liang 谷梁
he lian 赫连 · hu yan 呼延 · huang fu 皇甫 · jia gu 夹谷 · liang qiu 梁丘 · ling hu 令狐 · lv qiu 闾丘 · mo qi 万俟
mu rong 慕容 · na la 那拉 · na lan 纳兰 · nan gong 南宫 · nan men 南门 · ou yang 欧阳 · pu yang 濮阳 · qi diao 漆雕
qi guan 亓官 · rang si 壤驷 · shang guan 上官 · shen tu 申屠 · si kong 司空 · si kou 司寇 · si ma 司马 · si tu 司徒
tai shi 太史 · tai shu 太叔 · tan tai 澹台 · tuo ba 拓跋 · wan yan 完颜 · wei sheng 微生 · wen ren 闻人 · wu ma 巫马
xi men 西门 · xia hou 夏侯 · xian yu 鲜于 · xuan yuan 轩辕 · yang she 羊舌 · yu chi 尉迟 · yu wen 宇文
yue zheng 乐正 · zai fu 宰父 · zhang sun 长孙 · zhong li 钟离 · zhong sun 仲孙 · zhu ge 诸葛 · zhuan sun 颛孙
zi ju 子车 · zong zheng 宗政 · zuo qiu 左丘
"""


def _entries(table: str) -> list[tuple[str, str]]:
    pairs = []
    for entry in table.replace("\n", " · ").split(" · "):
        reading, _, names = entry.strip().rpartition(" ")
        pairs.append((reading, names))
    return [(reading, names) for reading, names in pairs if reading]


SINGLE: dict[str, str] = {name: reading for reading, names in _entries(_SINGLE) for name in names}
COMPOUND: dict[str, tuple[str, ...]] = {name: tuple(reading.split()) for reading, name in _entries(_COMPOUND)}
ALSO: dict[str, str] = {entry[0]: entry[1:] for entry in _ALSO.split()}
