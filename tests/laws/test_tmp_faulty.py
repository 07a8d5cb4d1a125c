"""tmp"""
from tests.laws.test_convergence_laws import *
from tests.laws.test_convergence_laws import _furnish,_manifest,_schedules,_declared,_only_declared_sends,_recipients
KINDS_=["drop_before","drop_after","500_before","500_after","truncate","html","html502","redirect","quota_exceeded","expire_token"]
FAULTS = st.lists(st.tuples(st.sampled_from(KINDS_), st.sampled_from(["GET","PUT","POST","DELETE","*"]), st.integers(0,20), st.integers(1,4)), max_size=4)
import pytest
del test_an_apply_converges_and_only_declared_sends_happen
@settings(max_examples=600, phases=set(Phase)-{Phase.explain})
@given(account_=ACCOUNTS, manifests=MANIFESTS, faults=FAULTS, minutes=st.sampled_from([1,30,24*60]))
def test_faulty(account_, manifests, faults, minutes):
    manifests=tuple(m for m in manifests if not m.now) or manifests[:1]
    if any(m.now for m in manifests): return
    world = account()
    for one in account_:
        _furnish(world, one)
    was = _schedules(world)
    with TemporaryDirectory() as folder, on_stage(Path(folder), world) as stage:
        stage.write(*(_manifest(one) for one in manifests))
        for kind, method, after, times in faults:
            stage.fault(kind, method, "/v3/emails*", after=after, times=times)
        codes=[]
        for r in range(3):
            codes.append(stage.run("apply","--yes").code)
        world.faults.clear()
        last=[stage.run("apply","--yes") for _ in range(3)]
        codes += [x.code for x in last]
        event(str(last[-1].code))
        assert last[-1].code in {0,6}, codes
        planned=stage.run("plan","--format","json").document["changes"]
        assert [r for c in planned for r in c["requests"]]==[], codes
        declared = {one.name: _declared(one) for one in manifests}
        recipients = {one.name: _recipients(one) for one in manifests}
        for line in stage.writes():
            method, name, *rest = line.split(" ", 2)
            assert name in declared
            assert method != "POST" or rest[0] in declared[name]
            assert method != "PUT" or rest[0] == recipients[name]
        world.advance(60*minutes); world.advance(86400*30)
        _only_declared_sends(stage, declared, was)
        for c in planned:
            if c["verdict"] in ("unscheduled-elsewhere",): event("elsewhere")
