mod hostile;
mod layout;
mod options;
mod support;
mod values;
mod write;
