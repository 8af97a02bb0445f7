//! What the engine can say of a file or of a failure, for `dukou explain`.
//!
//! The first ones are why a file is held or a row kept aside; the others are why work could not be
//! completed. [`EngineError::code`](super::EngineError::code) gives a failure its code.

use crate::diag::codes;

codes! {
    pub(super) Code;

    UNROUTABLE = "unroutable", "no `[[read]]` of the job fits the file", "没有可用的读取规则",
        "The values that the job routes by are in the reason. Add a `[[read]]` for such files, or \
         ask the partner why it sent one.";
    MALFORMED = "malformed-file", "the file breaks the rules of its format", "文件格式错误",
        "The reason says where. The bytes are in the archive; ask the partner to send the file \
         again. Nothing of it was loaded.";
    TOO_MANY_REJECTS = "too-many-rejects", "more records are refused than the job tolerates", "拒收记录过多",
        "`dukou rejects list` shows them. Fix the mapping and run `dukou rejects retry FILE`, or \
         ask the partner for a corrected file. Nothing of it was loaded.";
    CONTROL_MISMATCH = "control-mismatch", "a count or sum that the file promises is not so", "汇总核对不符",
        "`dukou files show FILE` shows every promise beside what was decoded. Ask the partner for a \
         corrected file. Nothing of it was loaded.";
    COMPANION_MISMATCH = "companion-mismatch", "the file is not what its companion file says", "文件与其校验文件不符",
        "The digest or size in the companion file differs, or the companion cannot be understood; \
         the reason says what was found. Nothing of the file was loaded. Ask the partner to send \
         both again.";
    NO_IDENTITY = "no-identity", "the file does not say which file it is", "文件标识缺失",
        "The fields that the mapping's `[identity]` names must be there exactly once.";
    REFUSED_BY_RULE = "refused-by-rule", "a `[[refuse]]` rule of the job does not accept the file", "规则拒绝",
        "The reason names the rule and the first rows that met it. Nothing of the file was loaded.";
    DUPLICATE_KEY = "duplicate-key", "a row whose key is already there", "主键重复",
        "Within a file the lowest record number wins; against loaded rows the mapping's \
         `on_conflict` decides. Duplicates count in controls and not in the tolerance.";

    NOT_READY = "not-ready", "a file is still changing", "文件尚未稳定",
        "It is taken when neither its size nor its time changed for `stable_secs` seconds. No act \
         is needed: the next run takes it. If it never rests, ask the partner.";
    UNANSWERABLE = "unanswerable", "a file cannot be answered", "无法应答的文件",
        "It does not even say what the answer must name, such as its number. It is held; its bytes \
         are in the archive. Tell the partner by another way.";
    DELIVERY_REFUSED = "delivery-refused", "the partner refused a delivery", "对方拒绝了发送",
        "Its result, in the partner's own words, is in the sentence and in `dukou deliveries show \
         N`. Mend the cause, then `dukou deliveries resend N --reason …`: only a delivery that \
         the partner refused may carry other bytes under the same number.";
    UNKNOWN_ACKNOWLEDGEMENT = "unknown-acknowledgement", "the partner acknowledges what was never sent",
        "对方确认了未曾发送的报文",
        "No delivery to this partner that expects an acknowledgement has the number. Compare the \
         partner's file with `dukou deliveries list`; ask the partner which message it means.";

    UNKNOWN_JOB = "unknown-job", "no job has this name", "作业不存在",
        "A job's name is its path below `jobs/` without `.toml`, such as \
         `etc_clearing/receive_messages`. `dukou check` reads all of them.";
    UNKNOWN_CONNECTION = "unknown-connection", "a connection is not in the settings", "连接不存在",
        "A job, or a delivery that was composed earlier, names it. Restore `[connection.NAME]` in \
         the settings and run `dukou recover`; or cancel the delivery with `dukou deliveries cancel`.";
    UNKNOWN_CALENDAR = "unknown-calendar", "a calendar is not there", "工作日历不存在",
        "Calendars are the files `jobs/calendars/NAME.tsv`; `every_day` is always there. Restore \
         the file or name another one.";
    NO_RECONCILIATION = "not-a-reconciliation", "a job that should compare two sides does something else",
        "作业不是对账作业",
        "A `reconcile` key names the job, and that job needs a `[reconcile]` table. `dukou check` \
         shows the place.";
    UNNUMBERED_MESSAGE = "unnumbered-message", "a message has no row that carries its number", "报文缺少编号行",
        "The message is found again by its number. One `compose` of the job must write the first \
         dataset of the mapping and set one of its columns with `{ number = true }`. Nothing was \
         sent.";
    UNNAMEABLE = "unnameable", "what is sent has no name that it could be sent under", "发送文件无法命名",
        "`name` of the job's `[send]` takes columns of the rows sent (`{key:…}`): they must have a \
         value, and the name may have no slash, no control character and no more than 255 bytes. \
         Nothing was sent.";
    MAPPING_GONE = "mapping-gone", "a delivery needs a mapping that is gone", "映射已不存在",
        "A delivery is rendered through its mapping whenever it is sent. Restore the mapping's \
         file and run `dukou recover`, or cancel the delivery with `dukou deliveries cancel`.";
    JOB_GONE = "job-gone", "no job reads from where a file came", "没有作业读取该来源",
        "The file is in the archive and in the books. Restore the job, or one with the same \
         connection, path and pattern, then run `dukou recover`.";
    UNRENDERABLE = "unrenderable", "a delivery cannot be made from the store", "发送内容无法生成",
        "The rows it carries were changed, or its mapping cannot write them; the message says \
         which. Nothing was sent. Mend the cause and run `dukou recover`, or cancel the delivery \
         with `dukou deliveries cancel`.";
    HUB_DIRECTORY = "hub-directory", "a directory of the hub cannot be used", "本地目录不可用",
        "`[paths]` of the settings names it. The account that runs dukou must be able to create \
         it and to write there, and the disk must have room.";
    LOCAL_FILE = "local-file", "a local file cannot be read or written", "本地文件读写失败",
        "The message says what was being done. Look at the disk, its room and the rights of the \
         account that runs dukou; then `dukou recover` completes what was begun.";
    STAGING_FAILED = "staging-failed", "the staging directory cannot be used", "暂存目录不可用",
        "Files are decoded and sorted there before they are loaded; a large file needs room for \
         twice its opened content. Nothing was loaded. Make room or name another `staging` \
         directory in `[paths]`, then run the job again.";
    SECRET_MISSING = "secret-missing", "a secret cannot be had", "凭据不可用",
        "The settings name where it is kept, never what it is. The message says which variable, \
         file or credential was looked for: provide it to the account that runs dukou.";
    NOT_NOW = "not-now", "the state of a file does not allow this act", "当前状态不允许该操作",
        "`dukou files show FILE` shows the state. Somebody else, or a run, may have been faster: \
         look again and decide anew.";
    WORKER_LOST = "worker-lost", "a part of the program stopped unexpectedly", "程序内部错误",
        "This is a fault of the program: please report it with the message. What had been \
         committed stands, the rest was rolled back; `dukou recover` completes what was begun.";
}
