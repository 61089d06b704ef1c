//! A key policy as the statements that it makes, in one form for all the ways of writing the same.
//!
//! A string and a list of one are the same, lists and statements have no order, actions and names of conditions no case, and an account is named by its digits
//! or by its root. What keyfleet does not know is kept, so that two documents that differ in it are never called equal. What AWS would not take as a policy
//! is refused with the place where it goes wrong.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::PolicyError;
use super::json::{self, Node, Shape};
use crate::domain::id::AccountId;
use crate::domain::text::{Foreign, Safe, safe};

/// What a document without `Version` means.
const OLDEST_VERSION: &str = "2008-10-17";

/// The condition keys that hold a name of an encryption context begin so.
const CONTEXT: &str = "kms:encryptioncontext:";

/// A whole policy. `Id` is a label and no part of the meaning.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    pub(super) version: String,
    pub(super) statements: Vec<Statement>,
    /// Elements that no key policy is known to have.
    pub(super) others: BTreeMap<String, String>,
}

/// One statement: where it stands, and what it says.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    /// Its place in the document, from 1.
    pub(super) number: usize,
    pub(super) sid: Option<Foreign>,
    pub(super) meaning: Meaning,
}

/// What a statement says, whatever it is called.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Meaning {
    pub(super) effect: Effect,
    pub(super) principals: Listed<Principal>,
    pub(super) actions: Listed<Folded>,
    pub(super) resources: Listed<String>,
    /// All of them must hold.
    pub(super) conditions: BTreeSet<Condition>,
    pub(super) others: BTreeMap<String, String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Effect {
    Allow,
    Deny,
}

/// The values of an element, or of its `Not…` form: everything but these.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Listed<Value: Ord> {
    pub(super) is_negated: bool,
    pub(super) values: BTreeSet<Value>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Principal {
    Anyone,
    /// Everybody whom the account lets: its digits, or its root.
    Account(AccountId),
    /// Any other `AWS` principal.
    Aws(String),
    /// A `Service`, `Federated`, `CanonicalUser` or unknown kind of principal.
    Other {
        kind: String,
        name: String,
    },
}

/// One test: any of the values will do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Condition {
    pub(super) operator: Folded,
    pub(super) key: Folded,
    pub(super) values: BTreeSet<String>,
}

/// A name in which the case of letters means nothing, as it was written.
#[derive(Clone, Debug)]
pub(super) struct Folded(pub(super) String);

impl Folded {
    /// The name as far as it tells. The name of an encryption context is kept as it is: KMS promises to tell its cases apart.
    pub(super) fn lower(&self) -> String {
        match self.0.split_at_checked(CONTEXT.len()) {
            Some((start, name)) if start.eq_ignore_ascii_case(CONTEXT) => format!("{CONTEXT}{name}"),
            Some(_) | None => self.0.to_ascii_lowercase(),
        }
    }
}

impl PartialEq for Folded {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Folded {}

impl PartialOrd for Folded {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Folded {
    fn cmp(&self, other: &Self) -> Ordering {
        self.lower().cmp(&other.lower())
    }
}

/// Two documents are equal if they mean the same.
impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        self.version == other.version && self.others == other.others && self.meanings() == other.meanings()
    }
}

impl Document {
    pub(crate) fn parse(text: &str) -> Result<Self, PolicyError> {
        let root = json::read(text)?;
        Parser { text }.document(&root)
    }

    /// Principals that are bare unique IDs (`AIDA…`, `AROA…`): what is left of a principal that was deleted. KMS refuses a policy that names one.
    pub(crate) fn bare_principals(&self) -> Vec<Foreign> {
        let named = self.statements.iter().flat_map(|statement| &statement.meaning.principals.values);
        let bare: BTreeSet<&str> = named
            .filter_map(|principal| match principal {
                Principal::Aws(name) => Some(name.as_str()).filter(|name| is_bare(name)),
                Principal::Anyone | Principal::Account(_) | Principal::Other { .. } => None,
            })
            .collect();
        bare.into_iter().map(Foreign::new).collect()
    }

    fn meanings(&self) -> BTreeSet<&Meaning> {
        self.statements.iter().map(|statement| &statement.meaning).collect()
    }
}

impl Statement {
    /// What to call it: its number, and its Sid if it has one.
    pub(super) fn name(&self) -> Safe {
        match &self.sid {
            Some(sid) => safe!("statement {} “{}”", self.number, sid.safe()),
            None => safe!("statement {}", self.number),
        }
    }
}

pub(super) fn is_bare(principal: &str) -> bool {
    (principal.starts_with("AIDA") || principal.starts_with("AROA"))
        && principal.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

impl Principal {
    fn aws(name: &str) -> Self {
        if name == "*" {
            return Principal::Anyone;
        }
        match AccountId::parse(name).or_else(|| account_of_root(name)) {
            Some(account) => Principal::Account(account),
            None => Principal::Aws(name.to_owned()),
        }
    }
}

fn account_of_root(arn: &str) -> Option<AccountId> {
    let mut parts = arn.splitn(6, ':');
    let is_arn = parts.next() == Some("arn") && parts.next().is_some_and(|partition| partition.starts_with("aws"));
    let is_iam = parts.next() == Some("iam") && parts.next() == Some("");
    let account = AccountId::parse(parts.next()?)?;
    (is_arn && is_iam && parts.next() == Some("root")).then_some(account)
}

/// Turns the tree into statements, with the text at hand to say where something is wrong.
struct Parser<'a> {
    text: &'a str,
}

/// An element of an object: its name, its value.
type Element<'a> = (&'a str, &'a Node);

impl Parser<'_> {
    fn document(&self, root: &Node) -> Result<Document, PolicyError> {
        let (mut version, mut statements, mut others) = (OLDEST_VERSION, None, BTreeMap::new());
        for (name, value) in self.elements(root, "a policy")? {
            match name {
                "Version" => version = self.one(value, "Version")?,
                "Id" => {
                    self.one(value, "Id")?;
                }
                "Statement" => statements = Some(self.statements(value)?),
                other => {
                    others.insert(other.to_owned(), value.canonical());
                }
            }
        }
        let statements = statements.ok_or_else(|| self.error(root, "the policy has no Statement"))?;
        Ok(Document { version: version.to_owned(), statements, others })
    }

    fn statements(&self, value: &Node) -> Result<Vec<Statement>, PolicyError> {
        let nodes = match &value.shape {
            Shape::List(items) => items.as_slice(),
            Shape::Object(_) | Shape::Text(_) | Shape::Bare(_) => std::slice::from_ref(value),
        };
        nodes.iter().enumerate().map(|(index, node)| self.statement(index + 1, node)).collect()
    }

    fn statement(&self, number: usize, node: &Node) -> Result<Statement, PolicyError> {
        let (mut sid, mut effect, mut others) = (None, None, BTreeMap::new());
        let (mut principals, mut actions, mut resources) = (None, None, None);
        let mut conditions = BTreeSet::new();
        for (name, value) in self.elements(node, "a statement")? {
            let is_negated = name.starts_with("Not");
            match name {
                "Sid" => sid = Some(Foreign::new(self.one(value, "Sid")?)).filter(|sid| !sid.is_empty()),
                "Effect" => effect = Some(self.effect(value)?),
                "Principal" | "NotPrincipal" => {
                    let values = self.principals(value)?;
                    self.once(&mut principals, Listed { is_negated, values }, value)?;
                }
                "Action" | "NotAction" => {
                    let values = self.texts(value)?.into_iter().map(Folded).collect();
                    self.once(&mut actions, Listed { is_negated, values }, value)?;
                }
                "Resource" | "NotResource" => {
                    let values = self.texts(value)?.into_iter().collect();
                    self.once(&mut resources, Listed { is_negated, values }, value)?;
                }
                "Condition" => conditions = self.conditions(value)?,
                other => {
                    others.insert(other.to_owned(), value.canonical());
                }
            }
        }
        let missing = |what: &'static str| self.error(node, what);
        let meaning = Meaning {
            effect: effect.ok_or_else(|| missing("the statement has no Effect"))?,
            principals: principals.ok_or_else(|| missing("the statement has no Principal"))?,
            actions: actions.ok_or_else(|| missing("the statement has no Action"))?,
            resources: resources.ok_or_else(|| missing("the statement has no Resource"))?,
            conditions,
            others,
        };
        Ok(Statement { number, sid, meaning })
    }

    fn once<Value>(&self, slot: &mut Option<Value>, value: Value, node: &Node) -> Result<(), PolicyError> {
        if slot.replace(value).is_some() {
            return Err(self.error(node, "an element and its Not… form exclude each other"));
        }
        Ok(())
    }

    fn effect(&self, node: &Node) -> Result<Effect, PolicyError> {
        match self.one(node, "Effect")? {
            "Allow" => Ok(Effect::Allow),
            "Deny" => Ok(Effect::Deny),
            _ => Err(self.error(node, "Effect must be Allow or Deny")),
        }
    }

    fn principals(&self, node: &Node) -> Result<BTreeSet<Principal>, PolicyError> {
        if matches!(node.shape, Shape::Text(_) | Shape::List(_)) {
            return Ok(self.texts(node)?.iter().map(|name| Principal::aws(name)).collect());
        }
        let mut principals = BTreeSet::new();
        for (kind, value) in self.elements(node, "Principal")? {
            for name in self.texts(value)? {
                principals.insert(match kind {
                    "AWS" => Principal::aws(&name),
                    other => Principal::Other { kind: other.to_owned(), name },
                });
            }
        }
        Ok(principals)
    }

    fn conditions(&self, node: &Node) -> Result<BTreeSet<Condition>, PolicyError> {
        let mut conditions = BTreeSet::new();
        for (operator, tests) in self.elements(node, "Condition")? {
            for (key, values) in self.elements(tests, "a condition")? {
                let values = self.texts(values)?.into_iter().collect();
                conditions.insert(Condition {
                    operator: Folded(operator.to_owned()),
                    key: Folded(key.to_owned()),
                    values,
                });
            }
        }
        Ok(conditions)
    }

    fn elements<'node>(&self, node: &'node Node, what: &'static str) -> Result<Vec<Element<'node>>, PolicyError> {
        match &node.shape {
            Shape::Object(members) => {
                Ok(members.iter().map(|member| (member.name.value.as_str(), &member.value)).collect())
            }
            Shape::List(_) | Shape::Text(_) | Shape::Bare(_) => {
                Err(PolicyError::at(self.text, node.at, safe!("{what} must be an object")))
            }
        }
    }

    fn one<'node>(&self, node: &'node Node, what: &'static str) -> Result<&'node str, PolicyError> {
        match &node.shape {
            Shape::Text(text) => Ok(&text.value),
            Shape::Object(_) | Shape::List(_) | Shape::Bare(_) => {
                Err(PolicyError::at(self.text, node.at, safe!("{what} must be a string")))
            }
        }
    }

    /// A string or a list of them. AWS reads `true` and `1` in conditions as the words.
    fn texts(&self, node: &Node) -> Result<Vec<String>, PolicyError> {
        let word = |node: &Node| match &node.shape {
            Shape::Text(text) => Ok(text.value.clone()),
            Shape::Bare(token) if token != "null" => Ok(token.clone()),
            Shape::Bare(_) | Shape::Object(_) | Shape::List(_) => Err(self.error(node, "a string must stand here")),
        };
        match &node.shape {
            Shape::List(items) => items.iter().map(word).collect(),
            Shape::Object(_) | Shape::Text(_) | Shape::Bare(_) => Ok(vec![word(node)?]),
        }
    }

    fn error(&self, node: &Node, what: &'static str) -> PolicyError {
        PolicyError::at(self.text, node.at, Safe::from_static(what))
    }
}
