-- Who maintains a repository or speaks for it in any of its threads, found by account.

create index comment_maintainer on comment (repo, author)
    where association in ('OWNER', 'MEMBER', 'COLLABORATOR');
create index claim_stated on claim (repo, author) where stance = 'stated';
