using HaGrpc.Core.Access;

namespace HaGrpc.Core.Tests.Access;

/// <summary>Whoever did something has one name for people.</summary>
public sealed class ActorNameTests
{
    [Theory]
    [InlineData("CN=eve", "eve")]
    [InlineData("CN=eve,O=x", "CN=eve,O=x")]
    [InlineData("CN=eve+OU=x", "CN=eve+OU=x")]
    [InlineData("CN=\"a, b\"", "CN=\"a, b\"")]
    [InlineData("CN=", "CN=")]
    [InlineData("token/eve", "token/eve")]
    [InlineData("10.0.0.7:51022", "10.0.0.7:51022")]
    [InlineData("supervisorctl on a as root", "supervisorctl on a as root")]
    [InlineData("", "")]
    public void A_subject_that_is_nothing_but_a_name_is_that_name(string stored, string shown) => ActorName.Shown(stored).ShouldBe(shown);

    [Fact]
    public void Who_is_shown_so_is_found_again()
    {
        foreach (var stored in new[] { "CN=eve", "token/eve", "CN=eve,O=x" })
        {
            var (shown, subject) = ActorName.Stored(ActorName.Shown(stored));
            new[] { shown, subject }.ShouldContain(stored);
        }
    }
}
