//! `tenure resources` and `tenure read`.

use tenure_mcp::Client;
use tenure_mcp::proto::types::{Resource, ResourceContents, ResourceTemplate};

use super::ask::{self, View};
use super::content;
use super::table::{self, Row};
use crate::args::{ReadArgs, ResourcesArgs};
use crate::exit::Failed;
use crate::{session, text};

pub(crate) fn resources(args: &ResourcesArgs) -> Result<(), Failed> {
    let json = args.session.json;
    session::with(&args.session, async |client: &Client| {
        if args.templates {
            let row = |template: &ResourceTemplate| Row {
                columns: vec![template.uri_template.to_string(), template.name.to_string()],
                description: template.description.clone(),
            };
            return table::output(client.list_resource_templates().await, json, "resourceTemplates", row);
        }
        let row = |resource: &Resource| Row {
            columns: vec![resource.uri.to_string(), resource.name.to_string()],
            description: resource.description.clone(),
        };
        table::output(client.list_resources().await, json, "resources", row)
    })
}

pub(crate) fn read(args: &ReadArgs) -> Result<(), Failed> {
    session::with(&args.session, async |client: &Client| {
        ask::output(client.read_resource(&args.uri).await, args.session.json, |read| View {
            raw: &read.raw,
            warnings: &read.warnings,
            text: read.contents.iter().map(shown).collect(),
            notes: Vec::new(),
        })
    })
}

fn shown(contents: &ResourceContents) -> String {
    match contents {
        ResourceContents::Text { text, .. } => content::ended(text::lines(text)),
        other => content::other_json(other.raw().get()),
    }
}
