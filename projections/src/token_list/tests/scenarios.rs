use domain::ids::{MemberId, OrganizationId, TokenId};
use domain::time::Lifespan;
use domain::token::{Ends, Texts};

use super::TOKENS;
use crate::runner::check::Running;
use crate::testing::{Ledger, Wish};
use crate::token_list::{
    Direction, Owner, Sort, SortKey, TagMode, TokenFilter, TokenListError, TokenQueries, TokenQuery,
    TokenStatus,
};

const BY_NAME: Sort = Sort { key: SortKey::Name, direction: Direction::Ascending };

struct Scene {
    ledger: Ledger,
    running: Running,
    acme: (OrganizationId, MemberId),
}

impl Scene {
    async fn set() -> Self {
        let ledger = Ledger::new();
        let acme = ledger.organization("acme").await;
        let running = Running::start(TOKENS, &ledger);
        Self { ledger, running, acme }
    }

    async fn queries(&self) -> TokenQueries {
        self.running.catch_up(&self.ledger).await;
        TokenQueries::new(self.running.view())
    }

    fn question(&self, filter: TokenFilter) -> TokenQuery {
        let (owner, now) = (Owner::Organization(self.acme.0), self.ledger.now());
        TokenQuery { owner, filter, sort: BY_NAME, after: None, limit: 10, now }
    }

    async fn names(&self, filter: TokenFilter) -> Vec<String> {
        let page = self.queries().await.page(&self.question(filter)).await.unwrap();
        page.tokens.into_iter().map(|it| it.texts.unwrap().name).collect()
    }

    async fn with_status(&self, status: TokenStatus) -> Vec<String> {
        self.names(TokenFilter { statuses: vec![status], ..TokenFilter::default() }).await
    }
}

#[tokio::test]
async fn a_token_is_listed_with_all_that_its_facts_say() {
    let scene = Scene::set().await;
    let texts = Texts {
        name: "ci".to_owned(),
        description: Some("builds".to_owned()),
        tags: vec!["ci".to_owned(), "prod".to_owned()],
        metadata: [("team".to_owned(), "build".to_owned())].into(),
        external_id: Some("ext-7".to_owned()),
        ..Texts::default()
    };
    let wish = Wish { texts: texts.clone(), ..Wish::named("") };
    let begun = scene.ledger.now();
    let token = scene.ledger.issue(1, scene.acme, &wish).await;
    scene.ledger.advance(Lifespan::days(1));
    scene.ledger.rotate(token, scene.acme.1).await;
    let owner = Owner::Organization(scene.acme.0);
    let listed = scene.queries().await.find(owner, token).await.unwrap().unwrap();
    assert_eq!(listed.texts, Some((&texts).into()));
    assert_eq!((listed.holder.kind.as_str(), listed.holder.id), ("member", scene.acme.1.to_string()));
    assert_eq!(listed.created_by.who.id, scene.acme.1.to_string());
    assert_eq!((listed.version, listed.position.0, listed.issued_position.0), (2, 4, 3));
    assert_eq!((listed.created_at, listed.expires_at), (begun, Some(begun.plus(Lifespan::days(90)))));
    let [old, new] = listed.secrets.as_slice() else { panic!("two secrets") };
    assert_eq!(old.valid_until, Some(begun.plus(Lifespan::days(2))));
    assert_eq!((new.id, new.valid_until), (Ledger::secret_of(2), None));
    assert_eq!(listed.granted_under.role.as_str(), "owner");
}

#[tokio::test]
async fn a_status_is_computed_with_the_time_that_the_question_says() {
    let scene = Scene::set().await;
    let (day, now) = (Lifespan::days(1), scene.ledger.now());
    let pending = Wish { starts_at: Some(now.plus(day)), ..Wish::named("pending") };
    let short = Wish { ends: Ends::In(day), ..Wish::named("short") };
    scene.ledger.issue(1, scene.acme, &pending).await;
    scene.ledger.issue(2, scene.acme, &short).await;
    let revoked = scene.ledger.issue(3, scene.acme, &Wish::named("revoked")).await;
    scene.ledger.revoke(revoked, scene.acme.1, None).await;
    assert_eq!(scene.with_status(TokenStatus::Pending).await, ["pending"]);
    assert_eq!(scene.with_status(TokenStatus::Active).await, ["short"]);
    assert_eq!(scene.with_status(TokenStatus::Revoked).await, ["revoked"]);
    scene.ledger.advance(day);
    assert_eq!(scene.with_status(TokenStatus::Active).await, ["pending"]);
    assert_eq!(scene.with_status(TokenStatus::Expired).await, ["short"], "without any fact");
    assert_eq!(scene.with_status(TokenStatus::Pending).await, Vec::<String>::new());
}

#[tokio::test]
async fn pages_are_stable_while_tokens_are_issued() {
    let scene = Scene::set().await;
    for (id, name) in ["b", "d", "f"].iter().enumerate() {
        scene.ledger.issue(id as u128, scene.acme, &Wish::named(name)).await;
    }
    let mut query = TokenQuery { limit: 2, ..scene.question(TokenFilter::default()) };
    let first = scene.queries().await.page(&query).await.unwrap();
    scene.ledger.issue(10, scene.acme, &Wish::named("a")).await;
    scene.ledger.issue(11, scene.acme, &Wish::named("e")).await;
    query.after = first.next;
    let second = scene.queries().await.page(&query).await.unwrap();
    let names: Vec<_> = second.tokens.iter().map(|it| it.texts.as_ref().unwrap().name.as_str()).collect();
    assert_eq!(names, ["e", "f"], "none twice, none left out");
    assert_eq!(second.next, None);
}

#[tokio::test]
async fn a_cursor_of_another_order_is_refused() {
    let scene = Scene::set().await;
    scene.ledger.issue(1, scene.acme, &Wish::named("a")).await;
    scene.ledger.issue(2, scene.acme, &Wish::named("b")).await;
    let query = TokenQuery { limit: 1, ..scene.question(TokenFilter::default()) };
    let queries = scene.queries().await;
    let after = queries.page(&query).await.unwrap().next;
    let other = TokenQuery { sort: Sort::default(), after, ..query };
    assert!(matches!(queries.page(&other).await, Err(TokenListError::ForeignCursor)));
}

#[tokio::test]
async fn tags_are_matched_exactly_and_one_or_all_of_them() {
    let scene = Scene::set().await;
    for (id, (name, tags)) in
        [("one", vec!["a"]), ("two", vec!["a", "b"]), ("large", vec!["A"])].iter().enumerate()
    {
        let tags = tags.iter().map(|it| (*it).to_owned()).collect();
        let texts = Texts { name: (*name).to_owned(), tags, ..Texts::default() };
        scene.ledger.issue(id as u128, scene.acme, &Wish { texts, ..Wish::named("") }).await;
    }
    let tagged = |tags: &[&str], tag_mode| TokenFilter {
        tags: tags.iter().map(|it| (*it).to_owned()).collect(),
        tag_mode,
        ..TokenFilter::default()
    };
    assert_eq!(scene.names(tagged(&["a"], TagMode::All)).await, ["one", "two"]);
    assert_eq!(scene.names(tagged(&["a", "b"], TagMode::All)).await, ["two"]);
    assert_eq!(scene.names(tagged(&["A", "b"], TagMode::Any)).await, ["large", "two"]);
}

#[tokio::test]
async fn another_organisations_token_is_not_found() {
    let scene = Scene::set().await;
    let globex = scene.ledger.organization("globex").await;
    let token = scene.ledger.issue(1, globex, &Wish::named("theirs")).await;
    let queries = scene.queries().await;
    assert_eq!(queries.find(Owner::Organization(scene.acme.0), token).await.unwrap(), None);
    assert_eq!(queries.find(Owner::Operators, token).await.unwrap(), None);
    assert_eq!(scene.names(TokenFilter::default()).await, Vec::<String>::new());
}

#[tokio::test]
async fn erased_texts_are_nothing_and_say_whose_they_were() {
    let scene = Scene::set().await;
    let token = scene.ledger.issue(1, scene.acme, &Wish::named("ci")).await;
    scene.ledger.keyring.forget(&scene.acme.0.to_string()).await.unwrap();
    scene.ledger.feed.forget_decoded();
    let again = Running::start(TOKENS, &scene.ledger);
    again.catch_up(&scene.ledger).await;
    let queries = TokenQueries::new(again.view());
    let listed = queries.find(Owner::Organization(scene.acme.0), token).await.unwrap().unwrap();
    assert_eq!((listed.texts, listed.texts_subject), (None, scene.acme.0.to_string()));
    let query = scene.question(TokenFilter { q: Some("ci".to_owned()), ..TokenFilter::default() });
    assert_eq!(queries.page(&query).await.unwrap().tokens, []);
}

#[tokio::test]
async fn a_reset_of_the_operators_voids_what_was_issued_before_it() {
    let scene = Scene::set().await;
    let before = scene.ledger.issue_operator(1).await;
    scene.ledger.advance(Lifespan::hours(1));
    let reset_at = scene.ledger.now();
    scene.ledger.reset_operators().await;
    let after = scene.ledger.issue_operator(2).await;
    scene.ledger.advance(Lifespan::hours(1));
    let queries = scene.queries().await;
    let with_status = |status| TokenQuery {
        owner: Owner::Operators,
        ..scene.question(TokenFilter { statuses: vec![status], ..TokenFilter::default() })
    };
    let ids = |tokens: Vec<crate::token_list::ListedToken>| -> Vec<TokenId> {
        tokens.into_iter().map(|it| it.id).collect()
    };
    let active = queries.page(&with_status(TokenStatus::Active)).await.unwrap();
    assert_eq!(ids(active.tokens), [after]);
    let revoked = queries.page(&with_status(TokenStatus::Revoked)).await.unwrap();
    assert_eq!(revoked.tokens[0].ended.revoked_at, Some(reset_at));
    assert_eq!(ids(revoked.tokens), [before]);
}
