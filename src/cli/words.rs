//! Every word that a screen shows, in Chinese and in English: one table, and the states as words.
//!
//! Responsible for nothing but words; how values read is `shown`'s business, what language a screen
//! speaks is [`super::screen::Screen`]'s. The one invariant: both languages of a word take the same
//! number of values.

use std::fmt::{Display, Write as _};

use crate::engine;
use crate::job::Outcome;
use crate::ledger::{
    AnswerState, DeliveryRow, DeliveryState, DoneWhen, FileState, FinishState, Level, Purpose,
    RejectKind, RejectState, RunState,
};
use crate::settings::Language;

/// A word or a sentence in both languages; in a sentence each `{}` takes the next value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Word {
    zh: &'static str,
    en: &'static str,
}

const fn word(zh: &'static str, en: &'static str) -> Word {
    Word { zh, en }
}

impl Word {
    /// As a language says it.
    pub(super) fn in_language(self, language: Language) -> &'static str {
        match language {
            Language::Chinese => self.zh,
            Language::English => self.en,
        }
    }

    /// The sentence with its values, in the order of the places.
    pub(super) fn filled(self, language: Language, values: &[&dyn Display]) -> String {
        let mut parts = self.in_language(language).split("{}");
        let mut text = parts.next().unwrap_or_default().to_owned();
        for (part, value) in parts.zip(values) {
            // Writing to a `String` cannot fail.
            let _ = write!(text, "{value}{part}");
        }
        text
    }
}

macro_rules! words {
    ($($name:ident = $zh:literal, $en:literal;)*) => {
        $(pub(super) const $name: Word = word($zh, $en);)*
        #[cfg(test)]
        const ALL_WORDS: &[Word] = &[$($name),*];
    };
}

words! {
    // What one thing is called.
    NUMBER = "编号", "No.";
    FILE = "文件", "File";
    FILES = "文件", "Files";
    FILE_NAME = "文件名", "File name";
    NAME = "名称", "Name";
    CONTENT = "内容", "Content";
    STATE = "状态", "State";
    PURPOSE = "用途", "Purpose";
    SENT = "送达", "Sent";
    PARTNER_RESULT = "对方结果", "Partner's result";
    ATTEMPTS = "次数", "Attempts";
    DELIVERY = "发送", "Delivery";
    GOES_TO = "去往", "To";
    COMES_FROM = "来自", "From";
    PARTNER = "对接单位", "Partner";
    SIMULATED_JOINT = "各方文件 {} 个、{} 条，埋设差异 {} 项", "{} files of partners with {} records, {} disagreements planted";
    LIFE_UNKNOWN = "没有任何来源知道它。", "no source knows it.";
    LIFE_OUT_OF_ORDER = "次序异常", "Out of order";
    LIFE_AHEAD = "尚未发生", "Not yet";
    LIFE_UNDATED = "时间不详", "at an unknown time";
    LIFE_FILE = "文件 {} {} 第 {} 条", "file {} {} record {}";
    LIFE_BYTES = "第 {} 行 字节 {}–{} sha256 {}…", "line {} bytes {}–{} sha256 {}…";
    LIFE_ROW = "{} sha256 {}…", "{} sha256 {}…";
    DIRECTION = "方向", "Way";
    DIRECTION_IN = "收", "in";
    DIRECTION_OUT = "发", "out";
    FORMAT = "格式", "Format";
    EVIDENCE = "依据", "Evidence";
    EVIDENCE_PUBLIC = "公开", "public";
    EVIDENCE_PROFILE = "待替换", "profile";
    FIXTURES = "样例", "Fixtures";
    UNUSED_MAPPINGS = "尚无作业使用的映射", "Mappings that no job uses";
    LACKING_FIXTURES = "缺少的样例", "Lacking fixtures";
    DONE_WHEN = "完成凭据", "Done when";
    DATA_KEY = "数据键", "Data key";
    SENDING_JOB = "发送作业", "Sent by job";
    REPLACES = "替代发送", "In place of delivery";
    REPLACED_BY = "改发为", "Sent anew as delivery";
    MESSAGE_NO = "报文号", "Message no.";
    ANSWERS_FILE = "应答文件", "Answers file";
    BUSINESS_DATE = "记账日期", "Business date";
    CREATED = "生成", "Created";
    RECEIPT = "传输回执", "Transport receipt";
    DUE = "确认期限", "Due";
    ACKNOWLEDGED = "确认应答", "Acknowledged";
    ACKNOWLEDGED_BY = "确认来自文件", "Acknowledged by file";
    ENVELOPE = "封装", "Envelope";
    BYTES = "字节", "Bytes";
    DIGEST = "摘要", "Digest";
    SEND_ATTEMPTS = "发送次数", "Attempts";
    LAST_ERROR = "最近的错误", "Last error";
    CODE = "代码", "Code";
    LOADED = "载入", "Loaded";
    REJECTED = "拒收", "Rejected";
    RECEIVED = "收到", "Received";
    COUNTS = "笔数", "Counts";
    CONTROLS = "汇总核对项", "Controls";
    REJECTS = "拒收记录", "Rejects";
    ANSWERS = "应答", "Answers";
    REASON = "原因", "Reason";
    INTERFACE = "接口", "Interface";
    IDENTITY = "标识", "Identity";
    DECIDED = "决定", "Decided";
    RUN = "执行记录", "Run";
    ORIGINAL_FILE = "原文件", "Original file";
    CONTAINER = "所在压缩包", "Inside file";
    ENTRIES = "包内文件", "Entries";
    SUPERSEDES = "取代", "Supersedes";
    SUPERSEDED_BY = "被取代于", "Superseded by";
    BUSINESS_ANSWER = "业务应答", "Business answer";
    AT_PARTNER = "对方侧", "At the partner";
    LANDED_BYTES = "落地字节", "Landed bytes";
    LANDED_DIGEST = "落地摘要", "Landed digest";
    CONTENT_BYTES = "内容字节", "Content bytes";
    CONTENT_DIGEST = "内容摘要", "Content digest";
    ARCHIVE = "档案", "Archive";
    CONTROL = "核对项", "Control";
    DECLARED = "对方声明", "Declared";
    COMPUTED = "本方计算", "Computed";
    AGREES = "一致", "Agrees";
    RECORD = "记录", "Record";
    FIELD = "字段", "Field";
    DETAIL = "说明", "Detail";
    POSITION = "位置", "Position";
    KIND = "种类", "Kind";
    WAIVED_REASON = "豁免原因", "Waived because";
    WAIVED_BY = "豁免人", "Waived by";
    WAIVED_AT = "豁免时间", "Waived at";
    REPAIRED_BY = "修复于文件", "Repaired by file";
    REPAIRED_AT = "修复时间", "Repaired at";
    REPORT = "报告", "Report";
    VERSION = "版本", "Version";
    WRITTEN = "写成", "Written";
    RECONCILIATION = "对账", "Reconciliation";
    DISPUTES = "争议", "Disputes";
    HELD_REASONS = "挂起与拒收的原因", "Why files are held or refused";
    NOT_TAKEN = "未取走", "Not taken";
    RESULT = "结果", "Result";
    DECODED = "解析", "Decoded";
    DUPLICATES = "重复", "Duplicates";
    FLAGGED = "带错", "Flagged";
    REASON_CODE = "原因码", "Reason code";
    ROWS = "行数", "Rows";
    NEEDS_ATTENTION = "须处理", "Attention";
    RECOVERED_FILES = "补处理的文件", "Files completed";
    HELD_FILES = "挂起待处理的文件", "Held files";
    OPEN_REJECTS = "未处理的拒收记录", "Open rejects";
    GAPS = "缺号", "Missing numbers";
    UNSENT = "未送达", "Not sent";
    UNACKNOWLEDGED = "未获确认", "Not acknowledged";
    CLAIMS = "占用中", "Claimed";
    EVENTS = "未阅的提醒", "Unread notices";
    LATEST_RUNS = "最近的执行记录", "Latest runs";
    ALL = "全部", "all";
    SCOPE = "范围", "Scope";
    FIRST = "从", "From";
    LAST = "到", "To";
    FOUND = "发现", "Found";
    PROCESS = "进程", "Process";
    CLAIMED_UNTIL = "占用至", "Claimed until";
    LEVEL = "级别", "Level";
    TIME = "时间", "Time";
    JOB = "作业", "Job";
    STARTED = "开始", "Started";
    FINISHED = "结束", "Finished";
    SOURCE_FILE = "来源文件", "Source file";
    RAW_RECORD = "原始记录", "Raw record";
    HANDLED = "应答与相关记录", "Answers and related rows";
    DATASET = "数据集", "Dataset";
    ANSWERED_FILE = "应答的文件", "File that it answers";
    CARRIED_ROWS = "所载数据", "Rows that it carries";
    MEANING_ZH = "含义", "Meaning in Chinese";
    MEANING_EN = "英文含义", "Meaning";
    NOTHING = " ", " ";
    ITEM = "项目", "Item";
    HUB = "本系统", "Hub";
    STATEMENT = "模拟方说明", "Simulator's statement";
    // Nothing there.
    NO_DELIVERIES = "没有这样的发送", "there is no such delivery";
    NO_FILES = "没有这样的文件", "there is no such file";
    NO_REJECTS = "没有这样的拒收记录", "there is no such reject";
    NO_REPORTS = "没有这样的报告", "there is no such report";
    NOTHING_TO_RECOVER = "没有需要补做的工作", "nothing was left to complete";
    NONE = "没有", "none";
    SOME = "有", "there is one";
    // What to do next.
    NEXT = "下一步：", "Next:";
    NEXT_PAGE = "下一页", "the next page";
    DO_SUPERSEDE = "以此文件取代原文件", "let this file take the original's place";
    DO_REFUSE = "不予载入", "do not load it, for good";
    DO_RETRY = "修正映射后重试", "after mending the mapping";
    DO_EXPLAIN = "这个代码的含义与处理办法", "what the code means, and what to do";
    DO_DECIDE_HELD = "{} 个文件挂起待处理", "held files: {}";
    DO_LIST_REJECTS = "拒收的记录", "the refused records";
    DO_RECOVER_SEND = "再次发送未送达的文件", "send again what did not arrive";
    DO_REPORT = "写出对账报告，列明差异", "write the report that lists the breaks";
    DO_SHOW_HELD = "看挂起的文件，再 supersede 或 refuse", "look at the held file, then supersede or refuse it";
    DO_SHOW_REJECTS = "看拒收的记录", "look at the refused records";
    DO_RECOVER = "补做中断的工作，再次发送", "complete what was interrupted, send again";
    DO_SHOW_UNACKNOWLEDGED = "对方还没有确认", "the partner has not acknowledged it";
    // Sentences; each `{}` takes the next value.
    COMMA = "，", ", ";
    STATE_COUNT = "{} {}", "{} {}";
    DELIVERY_IS = "发送 {} {}", "delivery {}: {}";
    FILE_IS = "文件 {} {}", "file {}: {}";
    PROMISED = "承诺 {}，", "promised {}, ";
    COUNTS_NOT_LOADED = "{}解析 {}，其中拒收 {}；没有载入", "{}decoded {}, of these rejected {}; nothing is loaded";
    COUNTS_LOADED = "{}解析 {} = 载入 {} + 拒收 {} + 主键重复 {}；载入中带错 {}", "{}decoded {} = loaded {} + rejected {} + key duplicates {}; loaded but flagged {}";
    RECORD_BYTES = "内容第 {} 字节起，共 {} 字节", "from byte {} of the content on, {} bytes";
    SHEET_ROW = "{}（工作表!行）", "{} (sheet!row)";
    SHEET_PLACE = "{}（工作表!行；该表在内容第 {} 字节起的 {} 字节内）", "{} (sheet!row; the sheet lies in the content from byte {}, {} bytes)";
    RECORD_PLACE = "第 {} 条记录：内容第 {} 字节起，共 {} 字节", "record {}: from byte {} of the content on, {} bytes";
    RAW_IN = "原始记录（{}）", "Raw record ({})";
    RAW_ESCAPED = "原始记录（不是文本，按字节转义）", "Raw record (no text; escaped byte by byte)";
    RAW_CUT = "…（仅保留前部，全文在档案中）", "… (only its beginning is kept here; the archive has all of it)";
    RETRIED = "文件 {}：修复 {} 条，仍被拒收 {} 条", "file {}: {} repaired, {} still refused";
    WAIVED_COUNT = "文件 {}：豁免 {} 条", "file {}: {} waived";
    RECOVERED_FIRST = "先补做上次中断的工作", "What was interrupted is completed first";
    RUN_NO = "执行记录 {}", "run {}";
    DRY_RUN = "演练：什么都没有改变", "dry run: nothing was changed";
    FILES_LOADED = "{} 个文件，载入 {} 行", "files {}, rows loaded {}";
    FILES_WOULD_LOAD = "{} 个文件，将载入 {} 行", "files {}, rows to load {}";
    FREED = "释放已终止进程的占用：{}", "claims of a dead process freed: {}";
    RECOVERED_ANSWERS = "补做业务应答：{}", "business answers made: {}";
    RECOVERED_FINISHES = "补做处理完毕：{}", "files finished at the partner: {}";
    RECOVERED_TEMPORARY = "清除临时文件：{}", "temporary files removed: {}";
    RECOVERED_DELIVERY = "发送 {} {}：{}", "delivery {} {}: {}";
    MORE = "…还有 {} 项", "… and {} more";
    FILES_OF = "文件（{}）：{}", "Files ({}): {}";
    ROWS_AT_LEAST = "至少 {} 行，请缩小条件：", "{} rows or more; say more about the one you mean:";
    ROWS_SEVERAL = "{} 行，请缩小条件：", "{} rows; say more about the one you mean:";
    ROW_COMPOSED = "本行由本系统随该文件生成，没有对方的字节", "the hub made this row with the file; there are no bytes of the partner";
    WITHHELD = "含有未能逐项遮蔽的内容，未显示：加 --unmask --reason …（记入审计）", "not shown, because not everything in it could be masked: add --unmask --reason … (the audit keeps it)";
    ANSWERED = "{}：发送 {} {} {}", "{}: delivery {} {} {}";
    ANSWERED_RESULT = "，对方结果 {}", ", partner's result {}";
    IS_THERE = "有此项", "is there";
    RELATED = "{}（文件 {}）：{}", "{} (file {}): {}";
    MADE_WITH_FILE = "随文件 {} 生成", "made with file {}";
    FROM_RECORD = "文件 {} 记录 {}", "file {} record {}";
    DIGEST_PROVEN = "{}（SHA-256，{} 字节，已核对一致）", "{} (SHA-256, {} bytes, compared and equal)";
    CONTENT_PROVEN = "{}（已核对一致）", "{} (compared and equal)";
    BYTE_COUNT = "{} 字节", "{} bytes";
    // Progress.
    PROGRESS_FILES = "文件", "files";
    PROGRESS_LOADING = "{} 载入 {} 行", "{}: {} rows being loaded";
    PROGRESS_RECORDS = "条", "records";
    PROGRESS_SIMULATE = "模拟", "simulating";
    // Check, store, simulate.
    PROBLEMS_FOUND = "{} 个错误，{} 个警告，涉及 {} 个文件", "errors {}, warnings {}, files {}";
    CHECKED = "配置无误：作业 {}，映射 {}（待替换 {}），数据集 {}，代码表 {}，日历 {}，连接 {}", "ok: jobs {}, mappings {} (profiles {}), datasets {}, code tables {}, calendars {}, connections {}";
    PROFILES = "待替换者为示例布局，以合同为准；`dukou exchanges` 逐一列出", "profiles stand in for a contract's own layout; `dukou exchanges` lists them";
    OPENED = "已打开：{}、档案、连接 {} 个", "opened: {}, the archive, connections {}";
    ADDED = "已补充：{}", "added: {}";
    WOULD_ADD = "将补充：{}", "would add: {}";
    LEDGER_STEP = "账本步骤 {}", "ledger step {}";
    STORE_CURRENT = "共享库与声明一致", "the store has everything that is declared";
    STORE_CHECKED = "共享库无误：{} 具备账本和全部 {} 个数据集", "ok: {} has the ledger and all {} datasets";
    STORIES = "共 {} 个故事，{} 个与预期一致", "stories {}, as expected {}";
    STORY_STEP = "第 {} 步 {}：退出码 {}，预期 {}", "step {} {}: exit code {}, expected {}";
    STORY_ACCEPTED = "已按本次结果改写 {} 个预期文件", "expected files written from this outcome: {}";
    STORY_MISSING = "预期有，实际没有", "expected and not there";
    STORY_UNEXPECTED = "实际有，预期没有", "there and not expected";
    STORY_DIFFERS = "内容不同（- 预期，+ 实际）", "differs (- expected, + found)";
    STORY_BYTES = "自第 {} 字节起不同，无法按文本显示", "differs from byte {} on, and cannot be shown as text";
    DO_ACCEPT = "改动无误时，以本次结果为预期", "when the change is right: expect this outcome";
    DIFF_ADDED = "可补充（dukou store migrate）", "Can be added (dukou store migrate)";
    DIFF_BLOCKED = "不能补充，须先处理", "Cannot be added; needs a decision";
    CHANGE = "变化", "Change";
    NEXT_STEP = "下一步", "Next step";
    DO_MIGRATE = "补充缺少的表、列和索引", "add the missing tables, columns and indexes";
    WROTE_SCHEMA = "已写出 {}：在 {} 的首行写 #:schema {}", "wrote {}: begin {} with #:schema {}";
    WROTE = "已写出 {}", "wrote {}";
    CONFIRMED = "已确认 {} 个记账应答，其中 {} 个有误", "confirmed {} accounting answers, {} of them as wrong";
    SIMULATED = "清分目标日 {}：{} 个交易包，{} 笔 {} 元；争议 {} 笔，清分 {} 笔 {} 元", "clearing target day {}: packages {}, rows {}, yuan {}; disputed {}, cleared {}, yuan {}";
    SIMULATED_FILE = "{}：{} 笔 {} 元，{} 字节", "{}: rows {}, yuan {}, bytes {}";
    SIMULATED_AT = "全文：{}", "all of it: {}";
    // The demonstration.
    DEMO = "渡口演示：清分目标日 {}，{} 个交易包 × {} 笔，随机种子 {}（数据全部虚构）", "Dukou's demonstration: clearing target day {}, {} packages × {} rows, seed {} (all data is made up)";
    DEMO_DIRECTORY = "目录：{}", "directory: {}";
    DEMO_WRITES = "清分中心写出一天的文件", "the centre writes files";
    DEMO_LISTS = "取名单并载入", "lists are fetched and loaded";
    DEMO_WAVE_2 = "取两日前的交易包并应答", "packages of two days ago";
    DEMO_WAVE_3 = "取当日交易包并应答", "packages of the day";
    DEMO_WAVE_4 = "取重发与更正的包并应答", "resent and corrected ones";
    DEMO_WAVE_5 = "取争议结果与清分并应答", "dispute results, clearing";
    DEMO_REQUEST = "请求补发缺失的交易包", "missing packages asked for";
    DEMO_WAVE_6 = "取补发的交易包并应答", "the packages sent again";
    DEMO_TAKES = "清分中心收取应答", "the centre takes answers";
    DEMO_CONFIRMATIONS = "取回记账的确认", "confirmations are fetched";
    DEMO_RECONCILES = "清分日对账", "the day is reconciled";
    DEMO_REPORTS = "写出对账报告", "the report is written";
    FILE_COUNT = "{} 个文件", "files {}";
    DEMO_TAKEN = "取走 {} 个报文，确认 {} 个记账", "messages taken {}, accountings confirmed {}";
    NO_RESULT = "没有结果", "no result";
    NOT_WRITTEN = "没有写成", "not written";
    VERSION_DIFFERENCE = "第 {} 版，相差 {} 笔 {} 元", "version {}, apart by rows {}, yuan {}";
    VERSION_FILES = "第 {} 版，{} 个文件", "version {}, files {}";
    DEMO_STEP = "{}  {}  {}  （{} 秒）", "{}  {}  {}  ({} s)";
    DISPUTED_ROWS = "争议 {} 笔", "disputed {}";
    OUTCOME_COUNT = "{} 个“{}”", "{} “{}”";
    SENT_COUNT = "发出 {}", "sent {}";
    DEMO_COMPARED = "本系统的数字与模拟方说明逐项核对", "The hub's figures against the simulator's statement";
    ALL_AGREE = "{} 项全部相符", "all {} lines agree";
    SOME_DIFFER = "{} 项不符（{}）：请保留目录并报告缺陷", "{} lines differ ({}): keep the directory and report this as a defect";
    REPORT_AT = "报告：file://{}", "report: file://{}";
    DO_BREAK = "改坏 {} 里的一行，再检查", "after breaking a line of {}";
    TALLY = "{} 笔 {} 元", "rows {}, yuan {}";
    LIST_LENGTH = "{} 个{}", "{}{}";
    ONLY_HERE = "，独有 {}", ", only here {}";
    COMPARE_ANSWERS = "确认应答（收方、报文号、结果码）", "confirmations (receiver, message, result)";
    COMPARE_ACCOUNTING = "记账报文（每包金额与争议）", "accounting answers (amount, disputes)";
    DAY_RECEIVED = "当日收到交易", "received, the day";
    DAY_DISPUTED = "当日争议", "disputed, the day";
    DAY_ACCOUNTED = "当日记账", "accounted, the day";
    BEFORE_RECEIVED = "两日前收到交易", "received, two days ago";
    BEFORE_DISPUTED = "两日前争议", "disputed, two days ago";
    BEFORE_ACCOUNTED = "两日前记账", "accounted, two days ago";
    DAY_DISPUTED_FOR = "当日争议，原因代码 {}", "disputed, the day, reason code {}";
    COMPARE_REQUESTED = "请求补发的交易包", "packages asked for again";
    DIFFERENCE_BEFORE = "清分与我方之差，补发之前", "clearing − ours, before the resend";
    CLEARED = "清分", "clearing";
    RECONCILED_ACCOUNTED = "对账中的记账", "accounted, in the reconciliation";
    RELEASED = "争议放行", "released from dispute";
    DIFFERENCE = "清分与我方之差", "clearing − ours";
    AMONG_CANDIDATES = "{} 笔在候选行中", "{} among the candidates";
    CLEARED_UNDECIDED = "争议未决即清分的交易", "cleared though undecided";
}

/// What became of a file.
pub(super) fn file_state(state: FileState) -> Word {
    match state {
        FileState::Landed => word("已落地", "landed"),
        FileState::Loaded => word("已载入", "loaded"),
        FileState::Held => word("挂起待处理", "held"),
        FileState::Duplicate => word("重复报文", "duplicate"),
        FileState::Superseded => word("已被取代", "superseded"),
        FileState::Refused => word("已拒收", "refused"),
        FileState::Opened => word("已拆包", "opened"),
    }
}

/// Whether a business answer is owed.
pub(super) fn answer_state(state: AnswerState) -> Word {
    match state {
        AnswerState::None => word("不需要", "none owed"),
        AnswerState::Pending => word("待生成", "to be made"),
        AnswerState::Done => word("已生成", "made"),
    }
}

/// Whether a file is finished at the partner.
pub(super) fn finish_state(state: FinishState) -> Word {
    match state {
        FinishState::Pending => word("待处理完毕", "to be finished"),
        FinishState::Done => word("处理完毕", "finished"),
    }
}

/// What became of a reject.
pub(super) fn reject_state(state: RejectState) -> Word {
    match state {
        RejectState::Open => word("未处理", "open"),
        RejectState::Repaired => word("已修复", "repaired"),
        RejectState::Waived => word("已豁免", "waived"),
    }
}

/// Why a record was not loaded.
pub(super) fn reject_kind(kind: RejectKind) -> Word {
    match kind {
        RejectKind::Reject => word("拒收", "refused"),
        RejectKind::DuplicateKey => word("主键重复", "duplicate key"),
    }
}

/// What became of a delivery.
pub(super) fn delivery_state(state: DeliveryState) -> Word {
    match state {
        DeliveryState::Composed => word("待生成", "to be made"),
        DeliveryState::Staged => word("待发送", "staged"),
        DeliveryState::Unproven => word("结果不明", "outcome unknown"),
        DeliveryState::Sent => word("已送达", "sent"),
        DeliveryState::Acknowledged => word("已确认", "acknowledged"),
        DeliveryState::Refused => word("对方拒绝", "refused by the partner"),
        DeliveryState::Overdue => word("逾期未确认", "overdue"),
        DeliveryState::Replaced => word("已改发", "sent anew with other content"),
        DeliveryState::Cancelled => word("已取消", "cancelled"),
    }
}

/// What became of one delivery, and whether the partner's word came late.
pub(super) fn delivery(row: &DeliveryRow) -> Word {
    match row.state {
        DeliveryState::Acknowledged if row.is_late() => word("已确认（逾期）", "acknowledged late"),
        DeliveryState::Refused if row.is_late() => {
            word("对方拒绝（逾期）", "refused by the partner, late")
        }
        state => delivery_state(state),
    }
}

/// What a delivery is for.
pub(super) fn purpose(purpose: Purpose) -> Word {
    match purpose {
        Purpose::Confirmation => word("确认应答", "confirmation"),
        Purpose::BusinessAnswer => word("业务应答", "business answer"),
        Purpose::Request => word("请求", "request"),
        Purpose::Report => word("报送", "report"),
    }
}

/// What proves that a delivery is done.
pub(super) fn done_when(done_when: DoneWhen) -> Word {
    match done_when {
        DoneWhen::Sent => word("送达即完成", "when sent"),
        DoneWhen::Acknowledged => word("须对方确认", "when acknowledged"),
    }
}

/// What became of a run.
pub(super) fn run_state(state: RunState) -> Word {
    match state {
        RunState::Running => word("执行中", "running"),
        RunState::Done => word("完成", "done"),
        RunState::Rejects => word("完成，有待处理", "done, needs attention"),
        RunState::Failed => word("失败", "failed"),
        RunState::Interrupted => word("中断", "interrupted"),
    }
}

/// How much an event matters.
pub(super) fn level(level: Level) -> Word {
    match level {
        Level::Info => word("提示", "notice"),
        Level::Warning => word("警告", "warning"),
        Level::Alert => word("报警", "alert"),
    }
}

/// Yes or no.
pub(super) fn yes_no(is: bool) -> Word {
    if is {
        word("是", "yes")
    } else {
        word("否", "no")
    }
}

/// What became of a received file, by the word of a report.
pub(super) fn outcome(name: &str) -> Word {
    let Some(outcome) = Outcome::of_word(name) else {
        return match name {
            engine::OPENED => word(engine::OPENED_TITLE, "opened"),
            _ => word("未知", "unknown"),
        };
    };
    let english = match outcome {
        Outcome::Loaded => "loaded",
        Outcome::Unreconciled => "loaded, not reconciled",
        Outcome::Duplicate => "duplicate",
        Outcome::Altered => "altered resend",
        Outcome::Header => "bad header",
        Outcome::Version => "bad version",
        Outcome::Malformed => "malformed",
        Outcome::Content => "bad content",
        Outcome::Control => "controls differ",
        Outcome::Refused => "not accepted",
    };
    word(outcome.title(), english)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_of_a_word_take_the_same_values() {
        for word in ALL_WORDS {
            let places = |text: &str| text.matches("{}").count();
            assert_eq!(places(word.zh), places(word.en), "{word:?}");
            assert!(!word.zh.is_empty() && !word.en.is_empty(), "{word:?}");
        }
    }

    #[test]
    fn an_english_word_has_no_chinese_in_it() {
        for word in ALL_WORDS {
            let is_chinese = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
            assert!(!word.en.contains(is_chinese), "{word:?}");
        }
    }

    #[test]
    fn a_sentence_takes_its_values_in_turn() {
        assert_eq!(
            FILES_LOADED.filled(Language::Chinese, &[&3, &40]),
            "3 个文件，载入 40 行"
        );
        assert_eq!(
            FILES_LOADED.filled(Language::English, &[&3, &40]),
            "files 3, rows loaded 40"
        );
    }

    #[test]
    fn every_outcome_has_its_word() {
        let words: Vec<&str> = Outcome::ALL
            .iter()
            .map(|one| outcome(one.word()).in_language(Language::English))
            .collect();
        assert!(!words.contains(&"unknown"), "{words:?}");
    }
}
