//! From the plan to the statement's figures.

use std::collections::BTreeMap;

use super::faults::Fault;
use super::package::{PackageTotals, totals};
use super::partner::Partner;
use super::plan::{DayPlan, Mark, PROVIDERS, PackagePlan, Plan, Role, message_id};
use super::request::Request;
use super::statement::{
    AcceptedStatement, ClearingStatement, DayTotals, DisputeFileStatement, DisputeStatement,
    PackageStatement, ReasonStatement, Statement, Tally,
};

/// The sender number of the centre itself in message ids.
const CENTRE: u32 = 9;

/// The statement of a plan; lists and files are added as they are written.
pub(super) fn statement(request: &Request, partner: &Partner, plan: &Plan) -> Statement {
    let mut statement = Statement {
        date: request.date,
        records: request.records,
        seed: request.seed,
        faults: request.faults.clone(),
        issuer_id: partner.issuer.clone(),
        centre_id: partner.centre.clone(),
        lists: Vec::new(),
        files: Vec::new(),
        packages: Vec::new(),
        disputes: Vec::new(),
        reasons: Vec::new(),
        accepted: Vec::new(),
        dispute_files: Vec::new(),
        clearing: ClearingStatement {
            message_id: 0,
            total: Tally::default(),
            packages: plan.day.packages.len() as u32,
            dispute_files: 0,
        },
        day: DayTotals::default(),
        day_before_resend: DayTotals::default(),
        history: DayTotals::default(),
        released: Tally::default(),
        difference: Tally::default(),
        difference_before_resend: Tally::default(),
    };
    if let Some(history) = &plan.history {
        add_day(&mut statement, plan, history);
    }
    add_day(&mut statement, plan, &plan.day);
    add_reasons(&mut statement);
    add_dispute_files(&mut statement);
    add_clearing(&mut statement);
    statement
}

fn add_day(statement: &mut Statement, plan: &Plan, day: &DayPlan) {
    for package in &day.packages {
        let totals = totals(day, package, false);
        let accounted = totals.all.minus(totals.disputed);
        let add = |sum: &mut DayTotals| {
            sum.packages += 1;
            sum.received = sum.received.plus(totals.all);
            sum.disputed = sum.disputed.plus(totals.disputed);
            sum.accounted = sum.accounted.plus(accounted);
        };
        if day.date == statement.date {
            add(&mut statement.day);
            if package.role != Role::Missing {
                add(&mut statement.day_before_resend);
            }
        } else {
            add(&mut statement.history);
        }
        statement.packages.push(PackageStatement {
            clear_target_date: day.date,
            service_provider_id: package.provider.id,
            message_id: package.message_id,
            kind: package.kind.word(),
            fate: fate(package.role),
            received: totals.all,
            disputed: totals.disputed,
            accounted,
        });
        let is_of_the_day = day.date == statement.date;
        add_disputes(statement, plan, day, package, &totals, is_of_the_day);
        add_accepted(statement, package);
    }
}

fn fate(role: Role) -> &'static str {
    match role {
        Role::Plain => "plain",
        Role::Missing => Fault::Missing.word(),
        Role::Repeated => Fault::Repeated.word(),
        Role::Changed => Fault::Changed.word(),
        Role::Damaged(fault) => fault.word(),
    }
}

fn add_disputes(
    statement: &mut Statement,
    plan: &Plan,
    day: &DayPlan,
    package: &PackagePlan,
    totals: &PackageTotals,
    is_of_the_day: bool,
) {
    for (row, fault, fee) in &totals.disputes {
        statement.disputes.push(DisputeStatement {
            clear_target_date: day.date,
            service_provider_id: package.provider.id,
            message_id: package.message_id,
            trans_id: i64::from(*row) + 1,
            // Earlier disputes are all of blacklisted cards.
            reason: fault
                .reason()
                .or(Fault::CardBlacklist.reason())
                .unwrap_or_default(),
            fault: fault.word(),
            fee: *fee,
            result: match fault {
                Fault::Released => Some(0),
                Fault::BadDebt => Some(1),
                _ => None,
            },
            is_cleared_undecided: is_of_the_day && plan.cleared.contains(&(package.ordinal, *row)),
        });
    }
}

fn add_accepted(statement: &mut Statement, package: &PackagePlan) {
    for (row, mark) in &package.marks {
        let why = match mark {
            Mark::BeforeSuspension { .. } => "交易时卡状态正常，当日稍后才挂起",
            Mark::AfterRelease { .. } => "交易时卡已解除黑名单",
            Mark::Original { .. } => "重复交易中的第一笔",
            Mark::Disputed { .. } => continue,
        };
        statement.accepted.push(AcceptedStatement {
            service_provider_id: package.provider.id,
            message_id: package.message_id,
            trans_id: i64::from(*row) + 1,
            why,
        });
    }
}

fn add_reasons(statement: &mut Statement) {
    let mut reasons: BTreeMap<i64, Tally> = BTreeMap::new();
    for dispute in statement.disputes_of_the_day() {
        reasons.entry(dispute.reason).or_default().add(dispute.fee);
    }
    let reasons = reasons.into_iter();
    statement.reasons = reasons
        .map(|(reason, disputed)| ReasonStatement { reason, disputed })
        .collect();
}

fn add_dispute_files(statement: &mut Statement) {
    let date = statement.date;
    for provider in &PROVIDERS {
        let (mut released, mut bad_debt) = (Tally::default(), Tally::default());
        for dispute in &statement.disputes {
            match dispute
                .result
                .filter(|_| dispute.service_provider_id == provider.id)
            {
                Some(0) => released.add(dispute.fee),
                Some(_) => bad_debt.add(dispute.fee),
                None => {}
            }
        }
        if released.count + bad_debt.count == 0 {
            continue;
        }
        let number = statement.dispute_files.len() as u32 + 1;
        statement.released = statement.released.plus(released);
        statement.dispute_files.push(DisputeFileStatement {
            service_provider_id: provider.id,
            file_id: date
                .format("%Y%m%d")
                .to_string()
                .parse()
                .unwrap_or_default(),
            message_id: message_id(CENTRE, date, number),
            released,
            bad_debt,
        });
    }
}

fn add_clearing(statement: &mut Statement) {
    let files = statement.dispute_files.len() as u32;
    let mut undecided = Tally::default();
    for dispute in statement.cleared_undecided() {
        undecided.add(dispute.fee);
    }
    let total = statement
        .day
        .accounted
        .plus(statement.released)
        .plus(undecided);
    statement.clearing.message_id = message_id(CENTRE, statement.date, files + 1);
    statement.clearing.total = total;
    statement.clearing.dispute_files = files;
    statement.difference = undecided;
    let before = statement
        .day_before_resend
        .accounted
        .plus(statement.released);
    statement.difference_before_resend = total.minus(before);
}
