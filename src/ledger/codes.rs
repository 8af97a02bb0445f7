//! What this module can complain about, for `dukou explain`.

use crate::diag::codes;

codes! {
    pub Code;

    /// A file has the identity of an accepted one and other content.
    ALTERED_RESEND = "altered-resend",
        "a file came again with the same identity and other content",
        "同一标识的文件内容被更改后重发",
        "An accepted file has the same partner, interface and identity. The new one is held and nothing of it is loaded. Compare the two with `dukou files show`, ask the partner which one is true, then say `dukou files supersede N --reason …` to let it take the other's place, or `dukou files refuse N --reason …` to keep the accepted one.";
    /// A file has the identity and the content of an accepted one.
    DUPLICATE_FILE = "duplicate-file",
        "a file came again unchanged",
        "重复文件",
        "An accepted file has the same identity and the same content. Nothing is loaded a second time; the partner is answered as its interface demands. No act is needed; if it keeps coming, the partner may not be receiving the answers.";
    /// A file is claimed by another process.
    BUSY_FILE = "busy-file",
        "a file is being worked on by another process",
        "文件正被其他进程占用",
        "Another process holds the claim until the time shown. If that process is dead, `dukou recover` frees the claim at once when it can see so, else the claim runs out by itself. Nothing is lost and nothing is loaded twice.";
    /// A claim was taken over while its holder worked.
    CLAIM_LOST = "claim-lost",
        "the claim on a file was taken over by another process",
        "文件占用已失效",
        "This process was slower than its lease (stopped, starved or asleep) and another one took the file over. What this one wanted to store was rolled back. No act is needed; if it comes often, lengthen the lease.";
    /// A number the ledger does not have.
    UNKNOWN_NUMBER = "unknown-number",
        "the ledger has nothing under this number",
        "台账中没有此编号",
        "Numbers of files, runs, deliveries and reconciliations are shown by their lists. A number of another database is not known here: check `[store]` in the settings.";
    /// A change of state that is not allowed.
    FORBIDDEN_TRANSITION = "forbidden-transition",
        "this change of state is not allowed",
        "不允许的状态变更",
        "What is to change is no longer in the state that the act needs; somebody else, or a run, may have been faster. Show it again and decide anew.";
    /// Two files with the same identity were loaded at the same moment.
    IDENTITY_TAKEN = "identity-taken",
        "two files with the same identity were loaded at the same moment",
        "同一标识的文件同时入库",
        "The first one won and the second was rolled back. The second is judged again by itself and becomes a duplicate or an altered re-send.";
    /// A file without identity cannot be accepted.
    IDENTITY_MISSING = "identity-missing",
        "a file without identity cannot be accepted",
        "文件缺少标识",
        "Every accepted file is known by partner, interface and the identity fields that its mapping declares. This is a fault of the program: please report it.";
    /// An act needs a reason.
    REASON_MISSING = "reason-missing",
        "this act needs a reason",
        "须填写原因",
        "Acts that change the books are kept with who did them, when and why. Give `--reason` with a few words that will still be understood next year.";
    /// A report's version exists already.
    REPORT_EXISTS = "report-exists",
        "this version of the report exists already",
        "该版本报表已存在",
        "Reports are numbered and never changed. Make the report again: it gets the next version.";
    /// Rows are there already.
    REPEATED_ROWS = "repeated-rows",
        "rows of the ledger would be written twice",
        "台账记录重复写入",
        "The rejects and controls of a file are written once, with its decision. This is a fault of the program: nothing was stored; please report it.";
    /// A file has its business answer already.
    ANSWERED_ALREADY = "answered-already",
        "a file has its business answer already",
        "该文件已有业务应答",
        "Each file gets exactly one business answer. To send it again, resend the delivery; to compose another, cancel the first one.";
    /// A resend would change the bytes.
    OTHER_BYTES = "other-bytes",
        "a resend would send other bytes under the same number",
        "重发内容与原发送不一致",
        "The same number and name must carry the same bytes, or the partner takes the file for an altered one. The mapping or the rows have changed since the first sending. Cancel the delivery and compose a new one, which gets its own number; only a delivery that the partner refused may change.";
    /// A stored value that this program does not know.
    LEDGER_DAMAGED = "ledger-damaged",
        "the ledger holds a value that this program does not know",
        "台账数据无法识别",
        "The table was written by a newer program or changed by hand. Use the program that wrote it, or restore the table from a backup.";
    /// Numbers of a contiguous sequence are missing.
    SEQUENCE_GAP = "sequence-gap",
        "numbers of a contiguous sequence are missing",
        "序号不连续（缺号）",
        "The partner numbers these files without holes within the scope shown, and some numbers have not come. They may be late; a gap closes by itself when they arrive. If they do not, ask the partner to send them again.";
    /// A run ended without saying how.
    INTERRUPTED_RUN = "interrupted-run",
        "a run ended without saying how",
        "执行中断",
        "The process died or lost its lease during the run. What had been committed stands, the rest was rolled back; `dukou recover` finishes what is left.";
    /// A delivery was not acknowledged in time.
    DELIVERY_OVERDUE = "delivery-overdue",
        "a delivery was not acknowledged in time",
        "发送后逾期未应答",
        "The file was sent and the partner's acknowledgement did not come by the time shown. Ask the partner; `dukou deliveries resend N --reason …` sends the same bytes again under the same name and number.";
}
