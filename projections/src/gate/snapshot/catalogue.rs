//! Permissions in a snapshot: only what facts have made of the catalogue; the rest is in the program.

use std::io::{self, Read, Write};

use domain::{
    catalogue::Catalogue,
    permission::{Permission, Risk},
};

use super::{Doubt, sink::Sink, source::Source};

const RISKS: [Risk; 4] = [Risk::Low, Risk::Medium, Risk::High, Risk::Critical];

pub(super) fn write<W: Write>(sink: &mut Sink<W>, catalogue: &Catalogue) -> io::Result<()> {
    let built_in = Catalogue::default();
    let is_built_in = |(place, it): &(usize, &Permission)| built_in.entries().get(*place) == Some(it);
    let registered = catalogue.entries().iter().enumerate().filter(|it| !is_built_in(it));
    let registered: Vec<&Permission> = registered.map(|(_, it)| it).collect();
    sink.length(registered.len())?;
    for permission in registered {
        sink.text(permission.name.as_str())?;
        sink.text(&permission.description)?;
        sink.put(&[risk_number(permission.risk)])?;
        sink.texts(&permission.endpoints)?;
        sink.texts(&permission.implies)?;
        sink.texts(&permission.roles)?;
        sink.put(&[u8::from(permission.builtin), u8::from(permission.retired)])?;
    }
    Ok(())
}

/// Bytes that a permission takes at least.
const LEAST: u64 = 19;

pub(super) fn read<R: Read>(source: &mut Source<R>) -> Result<Catalogue, Doubt> {
    let mut catalogue = Catalogue::default();
    for _ in 0..source.length(LEAST)? {
        catalogue.register(permission(source)?);
    }
    Ok(catalogue)
}

fn permission<R: Read>(source: &mut Source<R>) -> Result<Permission, Doubt> {
    Ok(Permission {
        name: source.text("permission")?,
        description: source.text("permission")?,
        risk: *RISKS.get(usize::from(source.byte()?)).ok_or(Doubt::Malformed("permission"))?,
        endpoints: source.texts("permission")?,
        implies: source.texts("permission")?,
        roles: source.texts("permission")?,
        builtin: flag(source)?,
        retired: flag(source)?,
    })
}

fn flag<R: Read>(source: &mut Source<R>) -> Result<bool, Doubt> {
    match source.byte()? {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(Doubt::Malformed("permission")),
    }
}

const fn risk_number(risk: Risk) -> u8 {
    match risk {
        Risk::Low => 0,
        Risk::Medium => 1,
        Risk::High => 2,
        Risk::Critical => 3,
    }
}
